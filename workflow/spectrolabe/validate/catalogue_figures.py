"""The figures that are drawn from one catalogue, by name."""

from spectrolabe.validate.accuracy_figures import plot_accuracy, plot_residual_histograms
from spectrolabe.validate.coverage_figures import plot_coverage, plot_pit
from spectrolabe.validate.diagrams import plot_abundances, plot_snr
from spectrolabe.validate.figures import plot_noise, plot_residuals
from spectrolabe.validate.kiel_figures import plot_clusters, plot_kiel
from spectrolabe.validate.luminosity_figures import plot_luminosity_classes
from spectrolabe.validate.rotation_figures import plot_error_by_rotation
from spectrolabe.validate.survey_figures import plot_internal_precision

#: Name -> function of a catalogue; those of `spectrolabe.validate.figure_names.WITH_ISOCHRONES` take isochrones and
#: their age too.
CATALOGUE_FIGURES = {
    "residuals": plot_residuals,
    "noise": plot_noise,
    "coverage": plot_coverage,
    "pit": plot_pit,
    "kiel": plot_kiel,
    "accuracy": plot_accuracy,
    "residual_histograms": plot_residual_histograms,
    "abundances": plot_abundances,
    "snr": plot_snr,
    "clusters": plot_clusters,
    "internal_precision": plot_internal_precision,
    "error_by_rotation": plot_error_by_rotation,
    "luminosity_classes": plot_luminosity_classes,
}

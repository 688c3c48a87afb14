"""Which figures a report may have: names alone, so that jobs are planned without Matplotlib."""

#: Drawn from one catalogue.
OF_CATALOGUE = (
    "residuals", "noise", "coverage", "pit", "kiel", "accuracy", "residual_histograms", "abundances", "snr",
    "clusters", "internal_precision", "error_by_rotation", "luminosity_classes",
)  # fmt: skip
#: Drawn from more than a catalogue, each by a rule of its own.
OF_THEIR_OWN = (
    "losses", "benchmark_stars", "model_comparison", "kiel_evolution", "observed_sets", "one_to_one", "arms",
)  # fmt: skip
#: Drawn from the labels of a training set.
OF_SETS = ("label_coverage", "abundance_densities")
#: Drawn once for a recipe that compares grids.
OF_GRIDS = ("cross_grid", "uncertainty_growth", "grid_differences")
#: Drawn once for a recipe, from its spectra alone.
OF_CONTINUUM = ("continuum_bias", "continuum_fits")
OF_SPECTRA = ("gap", *OF_CONTINUUM)
#: Drawn once for a recipe, from its models' gradients.
OF_GRADIENTS = ("sensitivity", "correlated_labels")
#: Drawn once for a recipe that injects stars.
OF_RECOVERY = ("recovery",)
#: Drawn of how networks come to be, and of how they do: of sets, models, studies, databases and comparisons.
OF_TRAINING = ("augmentation", "components", "learning_rates", "embedding", "study", "databases", "comparisons")
#: Drawn of what networks are made of and learn from: labels, spectra, layers.
OF_DESCRIPTION = ("label_densities", "example_spectra", "architecture")
#: Drawn once for a recipe, from what populations are told by: figure -> result of validate/populations/.
POPULATION_RESULTS = {
    "discs": "discs",
    "eccentricities": "orbits",
    "ages": "ages",
    "cluster_abundances": "clusters",
    "anticorrelation": "clusters",
    "reference_stars": "repeats",
    "seismic": "seismic",
}
#: Drawn once for a recipe that screens a survey.
OF_SCREENING = ("similarity_map", "observed_sets_map", "screening_recall")
FIGURES = (
    *OF_CATALOGUE, *OF_THEIR_OWN, *OF_SETS, *OF_GRIDS, *OF_SPECTRA, *OF_GRADIENTS, *POPULATION_RESULTS, *OF_SCREENING,
    *OF_RECOVERY, *OF_TRAINING, *OF_DESCRIPTION,
)  # fmt: skip
#: Need reference labels of stars that nothing was fitted to, as a part of a set has them.
NEED_TRUTH = ("residuals", "noise", "coverage", "pit", "accuracy", "error_by_rotation")
#: Need reference labels, as a part of a set has them, or a survey with a table.
NEED_LABELS = ("residual_histograms", "model_comparison")
#: Say something of observed stars alone.
NEED_SURVEY = ("benchmark_stars", "clusters")
#: Show the user's isochrones.
WITH_ISOCHRONES = ("kiel", "clusters")
#: Say something of the survey alone that a recipe screens.
NEED_SCREENING = ("observed_sets", "internal_precision")
#: Figure -> labels that it cannot be drawn without.
FIGURE_LABELS = {
    "kiel": ("teff", "logg"),
    "luminosity_classes": ("teff", "logg"),
    "kiel_evolution": ("teff", "logg"),
    "label_coverage": ("teff", "logg"),
    "clusters": ("teff", "logg", "feh"),
    "abundances": ("feh", "alpha_fe"),
}

"""The figures of populations by name: each is drawn from the stars and the numbers of one result."""

from spectrolabe.validate.disc_figures import plot_ages, plot_discs, plot_eccentricities
from spectrolabe.validate.reference_figures import (
    plot_anticorrelation,
    plot_cluster_abundances,
    plot_reference_stars,
    plot_seismic,
)

#: Figure -> what draws it from a table and numbers.
POPULATION_FIGURES = {
    "discs": plot_discs,
    "eccentricities": plot_eccentricities,
    "ages": plot_ages,
    "cluster_abundances": plot_cluster_abundances,
    "anticorrelation": plot_anticorrelation,
    "reference_stars": plot_reference_stars,
    "seismic": plot_seismic,
}

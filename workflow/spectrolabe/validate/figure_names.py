"""Which figures a report may have: names alone, so that jobs are planned without Matplotlib."""

#: Drawn from one catalogue.
OF_CATALOGUE = (
    "residuals", "noise", "coverage", "kiel", "accuracy", "residual_histograms", "abundances", "snr", "clusters",
)  # fmt: skip
#: Drawn from more than a catalogue, each by a rule of its own.
OF_THEIR_OWN = ("losses", "benchmark_stars", "model_comparison")
#: Drawn once for a recipe that compares grids.
OF_GRIDS = ("cross_grid", "uncertainty_growth", "grid_differences")
#: Drawn once for a recipe, from its spectra alone.
OF_CONTINUUM = ("continuum_bias", "continuum_fits")
OF_SPECTRA = ("gap", *OF_CONTINUUM)
FIGURES = (*OF_CATALOGUE, *OF_THEIR_OWN, *OF_GRIDS, *OF_SPECTRA)
#: Need reference labels of stars that nothing was fitted to, as a part of a set has them.
NEED_TRUTH = ("residuals", "noise", "coverage", "accuracy")
#: Need reference labels, as a part of a set has them, or a survey with a table.
NEED_LABELS = ("residual_histograms", "model_comparison")
#: Say something of observed stars alone.
NEED_SURVEY = ("benchmark_stars", "clusters")
#: Show the user's isochrones.
WITH_ISOCHRONES = ("kiel", "clusters")

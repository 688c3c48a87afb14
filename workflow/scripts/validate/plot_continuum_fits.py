"""Draw the continuum found in synthetic and in observed spectra."""

import pandas as pd

from spectrolabe.spectra.table import read_shard
from spectrolabe.validate.continuum_checks import fit_observed, fit_synthetic
from spectrolabe.validate.continuum_figures import plot_continuum_fits
from spectrolabe.validate.style import save_figure


def main(stars, observed, figure_out, *, method, observed_method, seed):
    stars = read_shard(stars)
    seen = [fit_observed(read_shard(path), observed_method) for path in observed]
    fits = fit_synthetic(stars, method, seed), *(seen or [pd.DataFrame()])
    save_figure(plot_continuum_fits(stars.wavelength, *fits), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.stars,
        snakemake.input.observed,
        snakemake.output.figure,
        **dict(snakemake.params.items()),
    )

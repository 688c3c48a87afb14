"""Project the spectra of a part of a set on the principal components of a set."""

from functools import partial

from spectrolabe.spectra.components import Components, compress_spectra
from spectrolabe.spectra.streaming import convert_shard


def main(spectra, components, spectra_out, *, basis):
    change = partial(compress_spectra, components=Components.load(components))
    units = {"wavelength_unit": "number of the component", "flux_unit": "root mean square of the coefficients"}
    convert_shard(spectra, spectra_out, change, units | {"basis": f"principal components of the set {basis}"})


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.components,
        snakemake.output.spectra,
        basis=snakemake.wildcards.set,
    )

"""Bring one shard of a survey's spectra to the recipe's wavelengths."""

from pathlib import Path

from spectrolabe.acquire.manifests import read_manifest
from spectrolabe.prepare.preparation import prepare_spectra
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.table import write_shard


def main(manifest, products, spectra_out, *, root, wavelength, reader, join, steps, resolution, seed):
    spectra = prepare_spectra(
        read_manifest(manifest),
        Path(root),
        reader,
        complete_steps(steps, products),
        arms=wavelength["arms"],
        medium=wavelength["medium"],
        resolution=resolution,
        seed=seed,
        join=join,
    )
    write_shard(spectra_out, spectra, {"steps": str(steps)})


if __name__ == "__main__":
    main(
        snakemake.input.manifest,
        name_products(snakemake.input.masks, snakemake.input.templates),
        snakemake.output.spectra,
        **dict(snakemake.params.items()),
    )

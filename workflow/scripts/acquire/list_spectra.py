"""List one shard of a survey's spectra: a manifest with one row per spectrum."""

from pathlib import Path

from spectrolabe.acquire.manifests import list_spectra, write_manifest


def main(manifest_out, *, files, root, patterns, reader, columns):
    write_manifest(list_spectra(files, Path(root), patterns, reader, columns), manifest_out)


if __name__ == "__main__":
    main(snakemake.output.manifest, **dict(snakemake.params.items()))

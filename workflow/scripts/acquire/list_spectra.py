"""List one shard of a survey's spectra: a manifest with one row per spectrum."""

from pathlib import Path

from spectrolabe.acquire.manifests import list_spectra, write_manifest
from spectrolabe.acquire.sharding import find_files, group_files


def main(solar, manifest_out, *, files, root, patterns, reader, catalogue, join):
    table = catalogue["file"] if catalogue else None
    # Which files a simulated survey has is known only once they are written.
    files = files or list(group_files(find_files(Path(root), patterns, table), join).values())
    if solar:
        catalogue = catalogue | {"solar": solar}
    write_manifest(list_spectra(files, Path(root), patterns, reader, catalogue, join), manifest_out)


if __name__ == "__main__":
    main(snakemake.input.solar, snakemake.output.manifest, **dict(snakemake.params.items()))

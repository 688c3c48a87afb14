"""List one shard of a survey's spectra: a manifest with one row per spectrum."""

from pathlib import Path

from spectrolabe.acquire.manifests import list_spectra, write_manifest
from spectrolabe.acquire.sharding import find_files, group_files, read_file_list


def main(source, solar, manifest_out, *, root, patterns, reader, catalogue, join):
    table = catalogue["file"] if catalogue else None
    # Which files a simulated survey has is known only once they are written.
    files = find_files(Path(root), patterns, table) if Path(source).is_dir() else read_file_list(source)
    files = list(group_files(files, join).values())
    if solar:
        catalogue = catalogue | {"solar": solar}
    write_manifest(list_spectra(files, Path(root), patterns, reader, catalogue, join), manifest_out)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.solar,
        snakemake.output.manifest,
        **dict(snakemake.params.items()),
    )

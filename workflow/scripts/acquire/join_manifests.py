"""Join the shards of a survey's manifest, in order of the spectra's names."""

from spectrolabe.acquire.manifests import join_manifests, read_manifest, write_manifest


def main(shards, manifest_out):
    write_manifest(join_manifests([read_manifest(path) for path in shards]), manifest_out)


if __name__ == "__main__":
    main(snakemake.input.shards, snakemake.output.manifest)

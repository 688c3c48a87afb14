"""Join the shards of a survey's manifest, in order of the spectra's names."""

from spectrolabe.acquire.joined_manifests import join_manifests


def main(shards, manifest_out):
    join_manifests(shards, manifest_out)


if __name__ == "__main__":
    main(snakemake.input.shards, snakemake.output.manifest)

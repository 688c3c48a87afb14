"""Compare methods on a test set: errors of all their members, sizes, and times."""

from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads


def main(spectra, members, comparison_out, *, threads, entries, reference, runs):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.validate.comparisons import compare_models, group_members

    tested = read_shard(spectra, with_ivar=False)
    table = compare_models(tested, entries, group_members(members), reference=reference, runs=runs)
    table.to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.members,
        snakemake.output.comparison,
        threads=snakemake.threads,
        **dict(snakemake.params.items()),
    )

"""Compare methods on a test set: errors, bias and scatter of all their members, sizes, and times."""

from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads


def main(spectra, members, histories, met, comparison_out, *, threads, entries, reference, runs):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.validate.comparisons import compare_models, group_members, read_training, refuse_met

    tested = read_shard(spectra, with_ivar=False)
    refuse_met(tested, met)
    training = read_training(histories, entries)
    table = compare_models(tested, entries, group_members(members), training=training, reference=reference, runs=runs)
    table.to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.members,
        snakemake.input.histories,
        snakemake.input.met,
        snakemake.output.comparison,
        threads=snakemake.threads,
        **dict(snakemake.params.items()),
    )

"""Measure which values the labels of a set's parts have."""

from pathlib import Path

from spectrolabe.validate.label_densities import measure_ranges, read_labels


def main(parts, ranges_out, *, labels):
    measure_ranges({Path(path).stem: read_labels(path, labels) for path in parts}).to_csv(ranges_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.parts, snakemake.output.ranges, labels=snakemake.params.labels)

"""Draw how the labels of a set are distributed over its parts."""

from pathlib import Path

from spectrolabe.validate.label_densities import read_labels
from spectrolabe.validate.label_density_figures import plot_label_densities
from spectrolabe.validate.style import save_figure


def main(parts, figure_out, *, labels):
    save_figure(plot_label_densities({Path(path).stem: read_labels(path, labels) for path in parts}), figure_out)


if __name__ == "__main__":
    main(snakemake.input.parts, snakemake.output.figure, labels=snakemake.params.labels)

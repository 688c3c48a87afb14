"""Draw the gradients of a model's labels along the spectrum."""

from spectrolabe.validate.gradient_figures import plot_sensitivity
from spectrolabe.validate.sensitivity import read_map
from spectrolabe.validate.style import save_figure


def main(table, figure_out, *, named):
    save_figure(plot_sensitivity(read_map(table)[0], named), figure_out)


if __name__ == "__main__":
    main(snakemake.input.map, snakemake.output.figure, named=snakemake.params.named)

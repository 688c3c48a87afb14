"""Draw the copies of a training star, each beside the first."""

from spectrolabe.validate.augmentation_figures import plot_augmentation, read_copies
from spectrolabe.validate.style import save_figure


def main(spectra, figure_out, *, steps, labels):
    save_figure(plot_augmentation(read_copies(spectra, len(steps), labels), steps, labels), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.output.figure,
        steps=snakemake.params.steps,
        labels=snakemake.params.labels,
    )

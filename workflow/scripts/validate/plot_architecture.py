"""Draw the layers of a model's first member."""

import json
from pathlib import Path

from spectrolabe.validate.architecture_figures import plot_architecture
from spectrolabe.validate.style import save_figure


def main(network, figure_out):
    save_figure(plot_architecture(json.loads(Path(network).read_text(encoding="utf-8"))), figure_out)


if __name__ == "__main__":
    main(snakemake.input.network, snakemake.output.figure)

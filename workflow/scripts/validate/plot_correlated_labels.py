"""Draw the gradients of a model beside those of a model with correlated labels."""

import json
from pathlib import Path

from spectrolabe.validate.gradient_figures import plot_correlated_labels
from spectrolabe.validate.sensitivity import read_map
from spectrolabe.validate.style import save_figure


def main(tables, shares, figure_out, *, named):
    maps = {Path(path).stem: read_map(path)[0] for path in tables}
    numbers = {Path(path).stem: json.loads(Path(path).read_text(encoding="utf-8")) for path in shares}
    correlations = {model: found["correlation"] for model, found in numbers.items()}
    save_figure(plot_correlated_labels(maps, correlations, named), figure_out)


if __name__ == "__main__":
    main(snakemake.input.maps, snakemake.input.shares, snakemake.output.figure, named=snakemake.params.named)

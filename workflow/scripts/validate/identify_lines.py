"""Name the lines that a model takes its labels from, and the shares of its gradients that lie within them."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.acquire.expected_lines import read_expected_lines
from spectrolabe.validate.line_shares import summarise_shares
from spectrolabe.validate.sensitivity import identify_peaks, read_map


def main(table, abundances, peaks_out, shares_out, *, lines, named):
    table, numbers = read_map(table)
    solar = pd.read_csv(abundances, index_col="element", keep_default_na=False)["abundance"]
    lines = read_expected_lines(lines, solar, *table["wavelength"].iloc[[0, -1]])
    identify_peaks(table, lines, named).to_csv(peaks_out, index=False, float_format="%.8g")
    shares = summarise_shares(table, numbers, lines, named)
    Path(shares_out).write_text(json.dumps(shares, indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.map,
        snakemake.input.abundances,
        snakemake.output.peaks,
        snakemake.output.shares,
        **dict(snakemake.params.items()),
    )

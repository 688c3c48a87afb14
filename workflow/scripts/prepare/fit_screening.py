"""Learn from a survey's selected spectra what sound spectra look like, and where false alarms begin."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.prepare.screen_files import read_held_out, read_training, write_screen
from spectrolabe.prepare.screening import fit_screen


def main(shards, selection, reference_out, numbers_out, *, seed, **settings):
    selection = pd.read_parquet(selection, columns=["spectrum_id", "part"])
    training, held_out = read_training(shards, selection, seed), read_held_out(shards, selection, seed)
    screen, numbers = fit_screen(training, held_out, seed=seed, **settings)
    write_screen(reference_out, screen)
    Path(numbers_out).write_text(json.dumps(numbers, indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.shards,
        snakemake.input.selection,
        snakemake.output.reference,
        snakemake.output.numbers,
        **dict(snakemake.params.items()),
    )

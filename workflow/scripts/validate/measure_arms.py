"""Compare what each wavelength arm alone says of test spectra with what all say together."""

import pandas as pd

from spectrolabe.predict.distribution_lists import read_edges
from spectrolabe.predict.gathering import read_predictions
from spectrolabe.validate.arms import measure_arms


def main(predictions, catalogue, arms_out):
    rows, _ = read_predictions(predictions)
    measure_arms(rows, pd.read_parquet(catalogue), read_edges(predictions[0])).to_csv(arms_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.predictions, snakemake.input.catalogue, snakemake.output.arms)

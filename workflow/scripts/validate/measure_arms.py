"""Compare what each wavelength arm alone says of test spectra with what all say together."""

from spectrolabe.predict.distribution_lists import read_edges
from spectrolabe.predict.gathering import read_predictions
from spectrolabe.validate.arms import MOST_SPECTRA, measure_arms
from spectrolabe.validate.catalogue_rows import read_catalogue


def main(predictions, catalogue, arms_out):
    tested = read_catalogue(catalogue, most=MOST_SPECTRA)
    rows = read_predictions(predictions, lambda rows: rows["spectrum_id"].isin(tested["spectrum_id"]))
    measure_arms(rows, tested, read_edges(predictions[0])).to_csv(arms_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.predictions, snakemake.input.catalogue, snakemake.output.arms)

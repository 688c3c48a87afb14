"""Count the giants, subgiants and dwarfs of a catalogue."""

import pandas as pd

from spectrolabe.validate.luminosity_classes import count_classes


def main(catalogue, classes_out):
    count_classes(pd.read_parquet(catalogue)).to_csv(classes_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.classes)

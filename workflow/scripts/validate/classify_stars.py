"""Count the giants, subgiants and dwarfs of a catalogue."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.luminosity_classes import count_classes


def main(catalogue, classes_out):
    count_classes(read_catalogue(catalogue)).to_csv(classes_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.classes)

"""Say of each spectrum of a shard whether it is sound and what is wrong, and place it in the training spectra's map."""

from spectrolabe.prepare.screen_files import read_screen
from spectrolabe.spectra.slices import read_named
from spectrolabe.spectra.table import read_shard


def main(spectra, selection, reference, verdicts_out, map_out):
    spectra = read_shard(spectra)
    selection = read_named(selection, spectra.table["spectrum_id"], ["spectrum_id", "part"])
    parts = spectra.table["spectrum_id"].map(selection.set_index("spectrum_id")["part"]).fillna("")
    verdicts = read_screen(reference).judge(spectra)
    named = spectra.table[["spectrum_id", "source_id", "snr"]].assign(part=parts).join(verdicts)
    named.drop(columns=["x", "y"]).to_parquet(verdicts_out, index=False)
    named[["spectrum_id", "x", "y", "map_distance"]].to_parquet(map_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.selection,
        snakemake.input.reference,
        snakemake.output.verdicts,
        snakemake.output.map,
    )

"""Select the spectra of a survey that a set is made of, and count what each condition cut."""

from spectrolabe.prepare.selection import list_columns, read_rows, select_spectra


def main(shards, selection_out, cuts_out, coverage_out, *, name, **settings):
    rows = read_rows(shards, [*settings["conditions"], *settings["labels"]])
    selection = select_spectra(rows, name=name, columns=list_columns(shards), **settings)
    selection.spectra.to_parquet(selection_out, index=False)
    selection.cuts.to_csv(cuts_out, index=False)
    selection.coverage.to_csv(coverage_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.shards,
        snakemake.output.selection,
        snakemake.output.cuts,
        snakemake.output.coverage,
        name=snakemake.wildcards.set,
        **dict(snakemake.params.items()),
    )

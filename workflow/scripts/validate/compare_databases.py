"""Score models that were trained on other databases, on what each was trained on and on tests."""

from spectrolabe.validate.databases import compare_databases, read_residuals


def main(catalogues, comparison_out, *, entries, below):
    # One catalogue at a time: those of training parts are large.
    residuals = ((*entry, read_residuals(path, below)) for entry, path in zip(entries, catalogues, strict=True))
    compare_databases(residuals, below).to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogues, snakemake.output.comparison, **dict(snakemake.params.items()))

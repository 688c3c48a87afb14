"""Write the report of one recipe: a single page with every figure in it."""

from pathlib import Path

from spectrolabe.validate.report import build_report, write_report


def main(template, report_out, *, recipe, **files):
    write_report(build_report(recipe, Path(template).read_text(encoding="utf-8"), **files), Path(report_out))


if __name__ == "__main__":
    main(
        snakemake.input.template,
        snakemake.output.report,
        recipe=snakemake.wildcards.recipe,
        catalogues=snakemake.input.catalogues,
        scores=snakemake.input.scores,
        figures=snakemake.input.figures,
        benchmarks=snakemake.input.benchmarks,
        groups=snakemake.input.groups,
        cross_grid=snakemake.input.cross_grid,
        emulators=snakemake.input.emulators,
        tables=snakemake.input.tables,
        cards=snakemake.input.cards,
        captions=snakemake.input.captions,
    )

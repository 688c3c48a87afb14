"""Check a sample of a survey's files before anything is computed."""

from pathlib import Path

from spectrolabe.acquire.sharding import find_files, group_files
from spectrolabe.acquire.survey_checks import Survey, check_survey


def main(solar, table_out, *, survey, arms, medium, expected, spectra, seed):
    root, catalogue = Path(survey["root"]), survey["catalogue"]
    table = catalogue["file"] if catalogue else None
    files = list(group_files(find_files(root, survey["patterns"], table), survey["join"]).values())
    if solar:
        catalogue = catalogue | {"solar": solar}
    survey = Survey(**survey | {"files": files, "root": root, "catalogue": catalogue})
    table = check_survey(survey, arms=arms, medium=medium, expected=expected, spectra=spectra, seed=seed)
    table.to_csv(table_out, sep="\t", index=False)


if __name__ == "__main__":
    main(snakemake.input.solar, snakemake.output.table, **dict(snakemake.params.items()))

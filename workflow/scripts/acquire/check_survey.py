"""Check a sample of a survey's files before anything is computed."""

from pathlib import Path

from spectrolabe.acquire.sharding import group_files, read_file_list
from spectrolabe.acquire.survey_checks import Survey, check_survey


def main(lists, solar, table_out, *, survey, arms, medium, expected, spectra, seed):
    root, catalogue = Path(survey["root"]), survey["catalogue"]
    files = sorted(file for path in lists for file in read_file_list(path))
    files = list(group_files(files, survey["join"]).values())
    if solar:
        catalogue = catalogue | {"solar": solar}
    survey = Survey(**survey | {"files": files, "root": root, "catalogue": catalogue})
    table = check_survey(survey, arms=arms, medium=medium, expected=expected, spectra=spectra, seed=seed)
    table.to_csv(table_out, sep="\t", index=False)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.solar,
        snakemake.output.table,
        **dict(snakemake.params.items()),
    )

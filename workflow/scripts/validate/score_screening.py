"""Score the verdicts on a survey's spectra by planted trouble, and its inner and outer sets by the survey's labels."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.screening import score_verdicts, share_outside


def main(survey_map, scores_out, sets_out, *, labels, false_alarms):
    table = read_catalogue(survey_map)
    score_verdicts(table, false_alarms).to_csv(scores_out, index=False)
    share_outside(table, labels).to_csv(sets_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.map, snakemake.output.scores, snakemake.output.sets, **dict(snakemake.params.items()))

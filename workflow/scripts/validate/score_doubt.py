"""Score the doubt about spectra of which it is known whether they are sound."""

import json
from pathlib import Path

from spectrolabe.predict.doubts import add_judgements, read_judgements
from spectrolabe.validate.doubt_scores import score_doubted


def main(predictions, judgements, calibration, scores_out, *, false_alarms):
    rows = add_judgements(read_judgements(predictions), read_judgements(judgements))
    doubt = json.loads(Path(calibration).read_text())["doubt"]
    score_doubted(rows, doubt, false_alarms).to_csv(scores_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.predictions,
        snakemake.input.judgements,
        snakemake.input.calibration,
        snakemake.output.scores,
        false_alarms=snakemake.params.false_alarms,
    )

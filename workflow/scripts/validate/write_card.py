"""Write the card of one model: what it was trained on, what it is valid for, how well it does, where it fails."""

from pathlib import Path

from spectrolabe.validate.cards import write_card


def main(card_out, about, **files):
    Path(card_out).write_text(write_card(about, **files), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.output.card,
        snakemake.params.about,
        kept=snakemake.input.kept,
        calibration=snakemake.input.calibration,
        catalogue=snakemake.input.catalogue,
        members=snakemake.input.members,
        training=snakemake.input.training,
        scores=snakemake.input.scores,
        coverage=snakemake.input.coverage,
        recovery=snakemake.input.recovery,
        recalibration=snakemake.input.recalibration,
    )

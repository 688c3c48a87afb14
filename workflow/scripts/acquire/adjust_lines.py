"""Adjust a grid's line strengths on a star of known labels."""

import json
from pathlib import Path

from spectrolabe.acquire.line_strengths import adjust_lines


def main(lines, spectrum, lines_out, summary_out, *, settings):
    adjusted, summary = adjust_lines(lines, spectrum, settings)
    adjusted.to_parquet(lines_out, compression="zstd", index=False)
    Path(summary_out).write_text(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main(
        snakemake.params.lines,
        snakemake.input.spectrum,
        snakemake.output.lines,
        snakemake.output.summary,
        settings=snakemake.params.settings,
    )

"""What the end of a run warns of, read without the libraries that it was measured with."""

import json
from collections.abc import Iterable
from pathlib import Path


def read_warnings(paths: Iterable[Path]) -> list[str]:
    """Name the intervals that do not hold what they claim, one line each, with its end, in the order of the files.

    Parameters
    ----------
    paths : where `spectrolabe.validate.coverage.summarise` is written; what is not there yet says nothing.
    """
    found = [path for path in map(Path, paths) if path.exists()]
    return [
        f"WARNING {words}\n" for path in found for words in json.loads(path.read_text(encoding="utf-8"))["warnings"]
    ]

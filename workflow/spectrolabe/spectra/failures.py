"""How a failed job says why: in one sentence, its last line, which names a damaged file or a full disc."""

import errno
import json
import sys
import traceback
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

#: Where a run keeps what it makes: whatever is damaged there can be made again.
MADE = "results"
FULL = (errno.ENOSPC, errno.EDQUOT)
#: What the reading of a damaged file may end in, beside pyarrow's own errors.
READING = (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError, zipfile.BadZipFile, zlib.error)
END = 4096  # bytes at the end of a table of text that are looked at


def explain_job(job) -> None:
    """Have the process of a job end any error with one sentence; the traceback goes before it, to the job's log.

    Parameters
    ----------
    job : what Snakemake gives its scripts (``input``, ``output`` and ``log`` are used); anything else changes nothing.
    """
    if not all(hasattr(job, name) for name in ("input", "output", "log")):
        return

    def report(kind, error, trace):
        if issubclass(kind, KeyboardInterrupt):
            print("interrupted", file=sys.stderr)
            return
        sentence = describe_failure(error, job.input, job.output)
        told = "".join(traceback.format_exception(kind, error, trace))
        print(sentence if _append(job.log, f"{told}\n{sentence}\n") else f"{told}\n{sentence}", file=sys.stderr)

    sys.excepthook = report


def _append(logs: Iterable[str], text: str) -> bool:
    """Write to a job's log, which a full disc prevents."""
    try:
        for path in logs:
            with open(path, "a", encoding="utf-8") as stream:
                stream.write(text)
    except OSError:
        return False
    return bool(logs)


def describe_failure(error: BaseException, inputs: Iterable[str], outputs: Iterable[str]) -> str:
    """Say in one sentence why a job has failed.

    A full disc comes first, then a file that the run has made and that is damaged or gone since; else the error's text.

    Parameters
    ----------
    error : what has ended the job.
    inputs, outputs : paths of its files.
    """
    causes = list(_causes(error))
    full = [cause for cause in causes if isinstance(cause, OSError) and cause.errno in FULL]
    if full:
        path = next((cause.filename for cause in full if cause.filename), None) or _latest(outputs)
        return f"{path}: no space left on device: make room and run again, finished files are kept"
    thorough = any(isinstance(cause, READING) or type(cause).__module__.startswith("pyarrow") for cause in causes)
    for path in dict.fromkeys(map(Path, inputs)):
        damage = find_damage(path, thorough=thorough) if MADE in path.parts[:1] else ""
        if damage:
            return f"{path}: damaged ({damage}): delete it to have it made again"
    return str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _latest(outputs: Iterable[str]) -> Path | str:
    """Give the output that was written to last, or the first where none is there."""
    paths = list(map(Path, outputs))
    there = [path for path in paths if path.exists()]
    return max(there, key=lambda path: path.stat().st_mtime) if there else next(iter(paths), "an output")


def find_damage(path: Path, *, thorough: bool = True) -> str:
    """Say what is wrong with a file as such, whatever its contents mean; "" where nothing is, or its kind is unknown.

    Parameters
    ----------
    thorough : read all of it; otherwise only what says where its parts are.
    """
    if not path.exists():
        return "it is not there"
    check = CHECKS.get(path.suffix)
    if check is None or path.is_dir():
        return ""
    try:
        return check(path, thorough)
    except Exception as error:  # each format's library has kinds of its own
        return f"{' '.join(str(error).split()) or type(error).__name__}"[:200]


def _check_parquet(path: Path, thorough: bool) -> str:
    # Not at the top: an environment without Parquet has its failures too.
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(file.num_row_groups if thorough else 0):
            file.read_row_group(group)
    return ""


def _check_archive(path: Path, thorough: bool) -> str:
    with zipfile.ZipFile(path) as archive:
        name = archive.testzip() if thorough else None
    return f"its part {name} does not match its checksum" if name else ""


def _check_json(path: Path, thorough: bool) -> str:
    json.loads(path.read_text(encoding="utf-8"))
    return ""


def _check_table(path: Path, thorough: bool) -> str:
    return find_cut(path) if not thorough or path.read_text(encoding="utf-8") else "it is empty"


def find_cut(path: Path) -> str:
    """Say whether a table of text ends before its last line does, as one whose writing was cut off; "" if it is whole.

    Every table that this library writes ends in a line break.
    """
    with open(path, "rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - END))
        end = stream.read()
    if not end:
        return "it is empty"
    if b"\0" in end:
        return "it ends in zeros"
    return "" if end.endswith(b"\n") else "its last line is cut off"


CHECKS = {
    ".parquet": _check_parquet,
    ".keras": _check_archive,
    ".npz": _check_archive,
    ".json": _check_json,
    ".tsv": _check_table,
    ".csv": _check_table,
}

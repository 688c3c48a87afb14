"""Downloads: files that a list names, fetched once, whole and checked, whatever the network does."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pandas as pd
import pooch

from spectrolabe.acquire.download_lists import CHECKSUMS
from spectrolabe.acquire.transfers import ResumingDownloader, StorageError, TransferError, begins_well

#: The status of an optional file that its server does not have.
NOT_PUBLISHED = "not published"
ATTEMPTS = 6  # for one file, since it last grew
FIRST_WAIT, LONGEST_WAIT = 2.0, 600.0  # seconds; a server that names a longer time is asked no more
GIVE_UP_AFTER = 3  # files in a row that a server failed to give
NONE_OF_FIRST = 20  # optional files that a server lacks, before any that it has, after which it is the wrong one
SILENCE = 60.0  # seconds without a byte after which a connection counts as broken
PROGRESS = 100e6  # bytes of one file from one line of progress to the next
REASONS_SHOWN = 3

# It would tell of every file, and ask for checksums that nobody has published.
pooch.get_logger().setLevel("ERROR")


class MissingFilesError(RuntimeError):
    """How many files are missing, why, and what to do about it, in one sentence."""


class _File(NamedTuple):
    path: str
    url: str  # or several, separated by blanks: the file is where the first is that the server has
    target: Path
    checksum: str | None  # as pooch writes it, "sha256:..."
    bytes: int | None
    optional: bool


def fetch_files(
    wanted: pd.DataFrame,
    folder: Path,
    report: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    silence: float = SILENCE,
) -> pd.DataFrame:
    """Bring files into a folder and say how each fared: path, url, bytes, sha256, status (empty where it is there).

    A file that is there is not fetched again. One that was cut goes on where it stopped, in this run or the next; one
    that arrives corrupted starts again. A server in trouble is asked again, twice as late each time, or after the time
    that it names. A file that does not come leaves its reason in ``status``, and the others are fetched.

    Parameters
    ----------
    wanted : as `spectrolabe.acquire.download_lists.read_download_list` gives it.
    folder : where the files are to lie; no path leaves it.
    report : takes lines of progress.
    sleep : waits for a number of seconds.
    silence : seconds without a byte after which a connection counts as broken.

    Raises
    ------
    StorageError
        Where nothing can be written.
    """
    files = [_read_row(row, Path(folder)) for row in wanted.itertuples(index=False)]
    absent = [file for file in files if not _is_there(file)]
    report(f"{len(files) - len(absent)} of {len(files)} files are there already")
    fetcher = _Fetcher(sleep, silence, found=len(absent) < len(files))
    for number, file in enumerate(absent, start=1):
        label = f"{number} of {len(absent)}, {file.path}"
        fetcher.fetch(file, lambda text, label=label: report(f"{label}: {text}"))
    downloads = pd.DataFrame([_describe(file, fetcher.statuses.get(file.path, "")) for file in files])
    there, unpublished = (int((downloads["status"] == status).sum()) for status in ("", NOT_PUBLISHED))
    report(f"there: {there}, not published: {unpublished}, missing: {len(files) - there - unpublished}")
    return downloads


def check_complete(downloads: pd.DataFrame, folder: Path, table: Path) -> None:
    """Refuse downloads that lack a file which is published, or that have none.

    Parameters
    ----------
    downloads : as `fetch_files` gives them.
    folder : where the files lie.
    table : the file that says how each of them fared.

    Raises
    ------
    MissingFilesError
        Where a file is missing.
    """
    ignored = ["", NOT_PUBLISHED] if (downloads["status"] == "").any() else [""]
    count = Counter(downloads.loc[~downloads["status"].isin(ignored), "status"])
    if not count:
        return
    reasons = [
        reason if len(count) == 1 else f"{reason} ({number} of them)"
        for reason, number in count.most_common(REASONS_SHOWN)
    ]
    others = ["other reasons"] if len(count) > REASONS_SHOWN else []
    raise MissingFilesError(
        f"{count.total()} of {len(downloads)} files are missing: {', '.join(reasons + others)}; {table} names them:"
        f" start again, which fetches nothing but them, or put them into {folder} by hand"
    )


class _Fetcher:
    """Fetches file after file, and asks a server no more that gives nothing."""

    def __init__(self, sleep: Callable[[float], None], silence: float, found: bool):
        self.sleep, self.silence = sleep, silence
        self.found = found  # whether any file is there
        self.absent = Counter()
        self.statuses: dict[str, str] = {}
        self.failures = Counter()
        self.verdicts: dict[str, str] = {}  # why a host is asked no more
        self.lacks: dict[str, str] = {}  # a file that a host should have and has not: its library is elsewhere

    def fetch(self, file: _File, report: Callable[[str], None]) -> None:
        """Bring one file, or note why it does not come."""
        host = urlsplit(file.url.split()[0]).hostname
        status = self.verdicts.get(host, "")
        if file.optional and host in self.lacks:
            status = f"not asked for, since {host} does not have {self.lacks[host]}"
        if not status:
            try:
                self._find(file, report)
                self.failures[host], self.found = 0, True
            except TransferError as error:
                status = NOT_PUBLISHED if error.absent and file.optional else str(error)
                report(status)
                self._judge(host, file, error)
        self.statuses[file.path] = status

    def _judge(self, host: str, file: _File, error: TransferError) -> None:
        self.failures[host] = self.failures[host] + 1 if error.again else 0
        if error.unreachable or error.wait > LONGEST_WAIT:
            self.verdicts[host] = str(error)
        elif self.failures[host] >= GIVE_UP_AFTER:
            self.verdicts[host] = f"not asked for, since {host} failed {GIVE_UP_AFTER} times in a row"
        elif error.absent and not file.optional:
            self.lacks.setdefault(host, file.url)
        self.absent[host] += error.absent
        if self.absent[host] >= NONE_OF_FIRST and not self.found:
            self.verdicts[host] = f"not asked for, since {host} has none of the first {NONE_OF_FIRST} files"

    def _find(self, file: _File, report: Callable[[str], None]) -> None:
        *others, last = file.url.split()
        for url in others:
            try:
                return self._try(file._replace(url=url), report)
            except TransferError as error:
                if not error.absent:
                    raise
        self._try(file._replace(url=last), report)

    def _try(self, file: _File, report: Callable[[str], None]) -> None:
        began, shown = time.monotonic(), PROGRESS

        def arrived(size: int) -> None:
            nonlocal shown
            if size >= shown:
                report(f"{size / 1e6:.0f} MB so far")
                shown = size + PROGRESS

        downloader = ResumingDownloader(file.target, file.bytes, arrived, self.silence)
        attempts, largest = 0, downloader.size()
        while failure := _attempt(file, downloader):
            size = downloader.size()
            attempts = 1 if size > largest else attempts + 1
            largest = max(size, largest)
            if not failure.again or attempts >= ATTEMPTS or failure.wait > LONGEST_WAIT:
                raise failure
            wait = max(FIRST_WAIT * 2 ** (attempts - 1) * random.uniform(0.75, 1.25), failure.wait)
            report(f"{failure}; asking again in {wait:.0f} s")
            self.sleep(wait)
        report(f"{file.target.stat().st_size / 1e6:.1f} MB in {time.monotonic() - began:.0f} s")


def _attempt(file: _File, downloader: ResumingDownloader) -> TransferError | None:
    """Try once to bring a file; give what went wrong."""
    try:
        pooch.retrieve(file.url, file.checksum, file.target.name, file.target.parent, downloader=downloader)
    except TransferError as error:
        return error
    except ValueError:
        return TransferError(f"what arrived has another checksum than {file.checksum}")
    except OSError as error:
        raise StorageError(f"cannot write {file.target}: {error.strerror or error}") from error
    return None


def _read_row(row, folder: Path) -> _File:
    target = folder / row.path
    if not target.resolve().is_relative_to(folder.resolve()):
        raise StorageError(f"{target} leads out of {folder}: expected a path that stays in it")
    checksum = f"{CHECKSUMS[len(row.checksum)]}:{row.checksum.lower()}" if row.checksum else None
    return _File(row.path, row.url, target, checksum, int(row.bytes) if row.bytes else None, row.optional == "yes")


def _is_there(file: _File) -> bool:
    """Say whether a file is there and whole; one that is not is put aside as <name>.wrong."""
    if not file.target.is_file():
        return False
    is_whole = (
        begins_well(file.target, file.target.suffix)
        and file.bytes in (None, file.target.stat().st_size)
        and (file.checksum is None or pooch.file_hash(file.target, file.checksum.split(":")[0]) in file.checksum)
    )
    if not is_whole:
        os.replace(file.target, file.target.with_name(f"{file.target.name}.wrong"))
    return is_whole


def _describe(file: _File, status: str) -> dict[str, str]:
    facts = {"bytes": "", "sha256": ""}
    if not status:
        facts = {"bytes": str(file.target.stat().st_size), "sha256": pooch.file_hash(file.target)}
    return {"path": file.path, "url": file.url} | facts | {"status": status}

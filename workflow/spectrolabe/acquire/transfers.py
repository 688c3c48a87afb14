"""One file over HTTP or FTP: bytes go into a partial file beside it, from which the next attempt goes on."""

import ftplib
import glob
import hashlib
import http.client
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
import urllib3

CHUNK = 1 << 16  # bytes
CONNECT = 20.0  # seconds that a server may take to answer a call
#: HTTP statuses that another attempt may change.
PASSING = (408, 425, 429, 500, 502, 503, 504)
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
#: How files begin whose names end so: a network's login page arrives whole and is none of them.
BEGINNINGS = {".fits": b"SIMPLE  =", ".gz": b"\x1f\x8b"}


class TransferError(Exception):
    """Why a file did not arrive, in words.

    ``again``: another attempt may bring it; ``absent``: the server says that there is no such file; ``unreachable``:
    the server itself did not answer; ``wait``: seconds for which the server asks to be left alone.
    """

    def __init__(self, reason: str, *, again=True, absent=False, unreachable=False, wait=0.0):
        super().__init__(reason)
        self.again, self.absent, self.unreachable, self.wait = again, absent, unreachable, wait


class StorageError(Exception):
    """Why a file could not be written here; no other file could be, either."""


@dataclass(frozen=True)
class Stream:
    """What a server sends: the bytes of one version of a file, from ``start`` on; ``total`` is None if it does not say.

    Of one version every stream has the same ``version``, a short text.
    """

    chunks: Iterator[bytes]
    start: int
    total: int | None
    version: str


class ResumingDownloader:
    """Bring one file to pooch, going on from the bytes that an earlier attempt or run left beside ``target``.

    They lie in ``.<name>.<version>.part``, so that bytes of two versions of a file are never joined.

    Parameters
    ----------
    target : where the file will be in the end.
    total : its size in bytes, where known beforehand.
    arrived : called with the size so far, after every chunk.
    timeout : seconds without a byte after which a connection counts as broken.
    """

    def __init__(self, target: Path, total: int | None, arrived: Callable[[int], None], timeout: float):
        self.target, self.total, self.arrived, self.timeout = target, total, arrived, timeout

    def __call__(self, url: str, output_file: str, pooch) -> None:
        part = self._receive(url)
        if not begins_well(part, self.target.suffix):
            part.unlink()
            raise TransferError(f"what arrived is no {self.target.suffix} file")
        os.replace(part, output_file)

    def size(self) -> int:
        """Bytes that have arrived so far."""
        return max((part.stat().st_size for part in self._parts()), default=0)

    def _parts(self) -> list[Path]:
        return sorted(self.target.parent.glob(f".{glob.escape(self.target.name)}.*.part"))

    def _receive(self, url: str) -> Path:
        start, parts = self.size(), self._parts()
        with (_open_ftp if urlsplit(url).scheme == "ftp" else _open_http)(url, start, self.timeout) as stream:
            part = self.target.with_name(f".{self.target.name}.{stream.version}.part")
            for other in parts:
                if other != part or stream.start == 0:
                    other.unlink()
            if stream.start and part not in parts:
                raise TransferError("the file has changed on the server while it was fetched")
            total = self.total if stream.total is None else stream.total
            if self.total not in (None, total):
                raise TransferError(f"the server's file has {total} bytes, expected {self.total}", again=False)
            size = self._write(part, stream)
        if total not in (None, size):
            raise TransferError(f"the connection ended after {size} of {total} bytes")
        return part

    def _write(self, part: Path, stream: Stream) -> int:
        size = stream.start
        try:
            file = part.open("ab")
        except OSError as error:
            raise StorageError(f"cannot write {part}: {error.strerror}") from error
        with file:
            for chunk in stream.chunks:
                try:
                    file.write(chunk)
                    file.flush()
                except OSError as error:
                    raise StorageError(f"cannot write {part}: {error.strerror}; what has arrived stays") from error
                size += len(chunk)
                self.arrived(size)
        return size


def begins_well(path: Path, suffix: str) -> bool:
    """Say whether a file begins as files do whose names end so."""
    beginning = BEGINNINGS.get(suffix.lower(), b"")
    with path.open("rb") as file:
        return file.read(len(beginning)) == beginning


@contextmanager
def _open_http(url: str, start: int, timeout: float) -> Iterator[Stream]:
    """Ask for a file from a byte on; a server that knows no ranges sends it from its beginning."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with requests.get(url, headers=headers, stream=True, timeout=(min(CONNECT, timeout), timeout)) as response:
            if response.status_code != requests.codes.requested_range_not_satisfiable:
                yield _read_response(response, start)
                return
        # There is nothing after what is here, so that what is here is no beginning of the file.
        with _open_http(url, 0, timeout) as stream:
            yield stream
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _failure(url, error, unreachable=_is_out_of_reach(error)) from error


def _read_response(response: requests.Response, start: int) -> Stream:
    status, headers = response.status_code, response.headers
    total, first = headers.get("Content-Length"), 0
    if status == requests.codes.partial_content:
        answer = RANGE.fullmatch(headers.get("Content-Range", ""))
        if answer is None or int(answer[1]) != start:
            raise TransferError("the server sent other bytes than it was asked for", again=False)
        total, first = answer[2], start
    elif status != requests.codes.ok:
        reason = f"the server answered {status} {response.reason}".rstrip()
        wait = _seconds_to_wait(headers.get("Retry-After", ""))
        raise TransferError(reason, again=status in PASSING, absent=status in (404, 410), wait=wait)
    version = _digest(headers.get("ETag"), headers.get("Last-Modified"), total)
    chunks = response.raw.stream(CHUNK, decode_content=False)
    return Stream(chunks, first, int(total) if total and total.isdigit() else None, version)


def _seconds_to_wait(retry_after: str) -> float:
    """Read a Retry-After header: seconds, or a date."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


@contextmanager
def _open_ftp(url: str, start: int, timeout: float) -> Iterator[Stream]:
    """Ask for a file from a byte on; user and password stand in the address, or the server takes anyone."""
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    connected = False
    try:
        with ftplib.FTP(timeout=timeout) as ftp:
            ftp.connect(parts.hostname, parts.port or ftplib.FTP_PORT)
            connected = True
            ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
            ftp.voidcmd("TYPE I")
            total = ftp.size(path)
            start = start if total is not None and start < total else 0
            with ftp.transfercmd(f"RETR {path}", rest=start or None) as connection:
                chunks = iter(lambda: connection.recv(CHUNK), b"")
                yield Stream(chunks, start, total, _digest(None, None, total))
    except ftplib.error_perm as error:
        raise TransferError(f"the server answered {error}", again=False, absent=str(error).startswith("550")) from error
    except (ftplib.Error, OSError, EOFError) as error:
        raise _failure(url, error, unreachable=not connected) from error


def _digest(*facts) -> str:
    return hashlib.blake2b(repr(facts).encode(), digest_size=4).hexdigest()


def _is_out_of_reach(error: Exception) -> bool:
    """Say whether no connection came about, rather than one that was lost."""
    reason = getattr(error.args[0] if error.args else None, "reason", error)
    kinds = urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.ProxyError, urllib3.exceptions.SSLError
    return isinstance(reason, kinds)


def _failure(url: str, error: BaseException, unreachable: bool) -> TransferError:
    """Say what went wrong by the error that began it all: the operating system's words are the shortest."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, http.client.IncompleteRead):
        reason = "the connection was cut"
    return TransferError(
        f"cannot reach {urlsplit(url).hostname}: {reason}" if unreachable else reason, unreachable=unreachable
    )

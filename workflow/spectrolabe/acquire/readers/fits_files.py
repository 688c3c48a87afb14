"""FITS files read straight from their bytes: no header card, image or column is set up that is not asked for.

A survey's file may have tables of some hundred columns, of which a reader wants four: a general library, which makes an
object of each, takes many times as long.
"""

import gzip
import math
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.fits_headers import CARD, Header
from spectrolabe.acquire.readers.fits_tables import Table

#: Larger data are no spectrum (that is 6 million pixels in double precision) and would take a job's memory.
MAX_BYTES = 50_000_000
GZIP_MAGIC = b"\x1f\x8b"
#: FITS files consist of blocks of this many bytes.
BLOCK = 2880
#: Blocks of a header, and extensions of a file, beyond which it is damaged.
MAX_BLOCKS, MAX_EXTENSIONS = 2000, 10_000
END = b"END".ljust(CARD)
#: BITPIX -> values of an image.
PIXELS = {8: ">u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}


@dataclass(frozen=True)
class Extension:
    """One extension of an open file; ``kind`` is IMAGE (the first), BINTABLE or another word of the standard."""

    path: Path
    number: int
    header: Header
    kind: str
    axes: tuple[int, ...]
    start: int  # byte of the file at which the data begin
    size: int  # bytes of data
    handle: BinaryIO

    def read_image(self) -> np.ndarray | None:
        """Give the image, its first axis last; None where the extension is none or empty."""
        if self.kind != "IMAGE" or not self.axes:
            return None
        bits, header = self.header.get("BITPIX"), self.header
        scale, zero = header.get_factor("BSCALE", 1), header.get_factor("BZERO", 0)
        raw = np.frombuffer(self.read(), PIXELS[bits], math.prod(self.axes)).reshape(self.axes[::-1])
        blank = header.get("BLANK") if bits > 0 else None
        if blank is None and (scale, zero) == (1, 0):
            return raw
        # Whole numbers up to 16 bits have no more digits than single precision.
        image = raw.astype(np.float32 if bits in (8, 16, -32) else np.float64)
        image *= scale
        image += zero
        if blank is not None:
            image[raw == blank] = np.nan
        return image

    def read(self) -> bytes:
        """Give the data as the file has them."""
        if self.size > MAX_BYTES:
            raise ReadError(
                self.path, f"expected at most {MAX_BYTES} bytes in extension {self.number}, found {self.size}"
            )
        self.handle.seek(self.start)
        return self.handle.read(self.size)


@contextmanager
def open_fits(path: Path) -> Iterator[list[Extension]]:
    """Open a FITS file, compressed by gzip or not; it is closed when the block ends.

    Raises
    ------
    ReadError
        Where the file is missing, empty, not FITS, truncated or damaged; within the block, where an extension that is
        read holds more than `MAX_BYTES`.
    """
    compressed = _check_start(path)
    try:
        with (gzip.open if compressed else open)(path, "rb") as handle:
            yield _find_extensions(path, handle, None if compressed else os.fstat(handle.fileno()).st_size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(path, f"file is truncated or damaged: {error}") from error


def read_table(path: Path, extensions: Sequence[Extension], number: int) -> Table:
    """Give the table in an extension.

    Raises
    ------
    ReadError
        Where there is no such extension, or no binary table in it, or a damaged one.
    """
    if len(extensions) <= number or extensions[number].kind != "BINTABLE" or len(extensions[number].axes) != 2:
        raise ReadError(path, f"expected a binary table in extension {number}, found none")
    extension = extensions[number]
    return Table(path, extension.header, extension.axes, extension.read)


def _check_start(path: Path) -> bool:
    """Refuse what does not begin as a FITS file does; say whether it is compressed."""
    if not path.is_file():
        raise ReadError(path, "expected a FITS file, found no such file")
    with path.open("rb") as handle:
        start = handle.read(9)
    if not start:
        raise ReadError(path, "expected a FITS file, found an empty file (0 bytes)")
    if start != b"SIMPLE  =" and not start.startswith(GZIP_MAGIC):
        raise ReadError(path, f"expected a FITS file, which starts with 'SIMPLE', found {start.decode('latin1')!r}")
    return start.startswith(GZIP_MAGIC)


def _find_extensions(path: Path, handle: BinaryIO, size: int | None) -> list[Extension]:
    """Read all headers; ``size`` is that of the file in bytes, unknown where it is compressed."""
    extensions: list[Extension] = []
    while header := _read_header(path, handle, len(extensions)):
        extension = _measure(path, handle, header, len(extensions))
        end = extension.start + -(-extension.size // BLOCK) * BLOCK
        if size is not None and end > size:
            raise ReadError(path, f"file is truncated: expected {end} bytes, found {size}")
        handle.seek(end - 1)
        if not handle.read(1):
            raise ReadError(path, f"file is truncated: expected {end} bytes when unpacked, found fewer")
        extensions.append(extension)
    # A file cut within an extension's header is a whole one with some bytes too many.
    if size is not None and size % BLOCK:
        raise ReadError(path, f"file is truncated: expected a multiple of {BLOCK} bytes, found {size}")
    return extensions


def _read_header(path: Path, handle: BinaryIO, number: int) -> Header | None:
    """Read the header that begins here; None where no extension does."""
    blocks = [handle.read(BLOCK)]
    if number and (not blocks[0].startswith(b"XTENSION") or len(blocks[0]) < BLOCK or number >= MAX_EXTENSIONS):
        return None
    while not _ends(blocks[-1]):
        if len(blocks[-1]) < BLOCK or len(blocks) >= MAX_BLOCKS:
            raise ReadError(path, f"file is truncated or damaged: expected END in the header of extension {number}")
        blocks.append(handle.read(BLOCK))
    text = b"".join(blocks).decode("ascii", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")
    return Header(path, number, text)


def _ends(block: bytes) -> bool:
    # Nearly all blocks are told by the first test, which takes no time.
    return END in block and any(block[start : start + CARD] == END for start in range(0, BLOCK, CARD))


def _measure(path: Path, handle: BinaryIO, header: Header, number: int) -> Extension:
    """Give the extension whose data begin here."""
    bits = header.get("BITPIX")
    if type(bits) is not int or bits not in PIXELS:
        raise ReadError(path, f"expected BITPIX of extension {number} to be one of {[*PIXELS]}, found {bits!r}")
    axes = tuple(header.get_count(f"NAXIS{axis + 1}") for axis in range(min(header.get_count("NAXIS"), 999)))
    values = (math.prod(axes) if axes else 0) + header.get_count("PCOUNT", 0)
    kind = str(header.get("XTENSION", "")) if number else "IMAGE"
    size = abs(bits) // 8 * header.get_count("GCOUNT", 1) * values
    return Extension(path, number, header, kind, axes, handle.tell(), size, handle)

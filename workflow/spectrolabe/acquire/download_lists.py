"""Lists of files to fetch, and of how each of them fared: tables separated by tabs, every field text."""

import os
import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pandas as pd

COLUMNS = ("path", "url", "checksum", "bytes", "optional")
SCHEMES = ("https", "http", "ftp")
#: Length of a checksum in hexadecimal digits -> what it is.
CHECKSUMS = {32: "md5", 40: "sha1", 64: "sha256"}


def read_download_list(path: Path) -> pd.DataFrame:
    """Read a list of files to fetch, one row each, every field as text.

    Columns: path (relative to the folder of the downloads), url (https, http or ftp; several, separated by blanks,
    where the file may be at any of them), and where known checksum (SHA-256, SHA-1 or MD5, in hexadecimal digits),
    bytes, optional ("yes" where the server may well lack the file).

    Raises
    ------
    ValueError
        For the first row that cannot be used: file, line, what was expected and what was found.
    """
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    missing = [column for column in COLUMNS[:2] if column not in table]
    if missing:
        raise ValueError(f"{path}: expected the columns {', '.join(COLUMNS)}, found no {missing[0]}")
    table = table.reindex(columns=COLUMNS, fill_value="").apply(lambda column: column.str.strip())
    for line, row in enumerate(table.itertuples(index=False), start=2):
        if fault := _find_fault(row):
            raise ValueError(f"{path}, line {line}: {fault}")
    if table.empty:
        raise ValueError(f"{path}: expected a row or more, found none")
    repeated = table.loc[table["path"].duplicated(), "path"]
    if len(repeated):
        raise ValueError(f"{path}: expected every path once, found {repeated.iloc[0]!r} more than once")
    return table


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a list of files to fetch, or of how they fared."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    table.to_csv(temporary, sep="\t", index=False, lineterminator="\n")
    os.replace(temporary, path)


def _find_fault(row) -> str:
    """Say what is wrong with a row; nothing where all is well."""
    path, addresses = PurePosixPath(row.path), [urlsplit(url) for url in row.url.split()]
    if not path.name or path.is_absolute() or ".." in path.parts or "\\" in row.path:
        return f"expected a path that stays in the folder of the downloads, found {row.path!r}"
    if not addresses or any(address.scheme not in SCHEMES or not address.hostname for address in addresses):
        return f"expected an address that begins with {', '.join(SCHEMES)}, found {row.url!r}"
    if row.checksum and not (len(row.checksum) in CHECKSUMS and re.fullmatch("[0-9a-fA-F]+", row.checksum)):
        return f"expected a checksum of {', '.join(map(str, CHECKSUMS))} hexadecimal digits, found {row.checksum!r}"
    if row.bytes and not re.fullmatch("[0-9]+", row.bytes):
        return f"expected a whole number of bytes, found {row.bytes!r}"
    if row.optional not in ("", "yes"):
        return f"expected 'yes' or nothing as optional, found {row.optional!r}"
    return ""

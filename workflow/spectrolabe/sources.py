"""Which modules of this library a rule depends on, found from their imports, so that an edit reruns what uses it.

Modules, and the native files of a survey, are not inputs of jobs one by one, which would cost Snakemake a second for
some hundred jobs: a small file that lists them with what changes when they change stands for them (`keep_file`).
"""

import hashlib
import os
import re
from functools import cache
from pathlib import Path

IMPORT = re.compile(r"^\s*from spectrolabe\.([\w.]+) import", re.MULTILINE)
ROOT = Path(__file__).parent


def imported_modules(*modules: str) -> list[Path]:
    """Give the files of modules (``train.heads``) and of all that they import, near or far, sorted."""
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        path = ROOT.joinpath(*module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        found[module] = path
        waiting += _imports_of(path)
    return sorted(found.values())


def list_sources(*modules: str) -> str:
    """Give the text of a list of modules and all that they import: path and checksum, a line each, sorted."""
    return "".join(f"{os.path.relpath(path, ROOT)}\t{_checksum(path)}\n" for path in imported_modules(*modules))


# Many rules import the same modules, and no module changes while a workflow is read.
@cache
def _imports_of(path: Path) -> list[str]:
    return IMPORT.findall(path.read_text())


@cache
def _checksum(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def keep_file(path: Path, text: str, may_write: bool = True) -> bool:
    """Have a small file hold a text, and say whether it does: it is written where it holds another or is missing.

    Parameters
    ----------
    may_write : whether it may be written; if not, the answer is False where it would have to be.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    path = Path(path)
    data = text.encode(errors="surrogateescape")
    try:
        if path.read_bytes() == data:
            return True
    except OSError:
        pass  # It is written then, or the reason is given for which it cannot be.
    if not may_write:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return True

"""Which modules of this library a rule depends on, found from their imports, so that an edit reruns what uses it."""

import re
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
        waiting += IMPORT.findall(path.read_text())
    return sorted(found.values())

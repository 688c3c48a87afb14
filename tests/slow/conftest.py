"""What slow tests need and a machine may lack; each of them says in its first lines how long it takes."""

import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def uv() -> Path:
    """The program that builds environments; it reads the machine's own settings of where packages come from."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        pytest.skip("uv is missing: `make setup` installs it, requirements-uv.lock names it")
    return Path(found)

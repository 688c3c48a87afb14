"""Fixtures that every test may use."""

import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def seed():
    """The same random numbers in every run and any order, for code that takes no generator."""
    random.seed(20)
    np.random.seed(20)  # noqa: NPY002
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(20)


@pytest.fixture
def real_data() -> Path:
    """The folder of real spectra; a test that asks for it is skipped where it is missing."""
    folder = Path(os.environ.get("SPECTROLABE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real spectra: the folder {folder} is missing (SPECTROLABE_DATA names another one)")
    return folder

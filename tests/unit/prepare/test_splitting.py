"""Splits by star: from its name alone."""

import numpy as np
import pytest

from spectrolabe.prepare.parts import PARTS
from spectrolabe.prepare.splitting import assign_parts

SPLIT = {"validation": 0.1, "calibration": 0.2, "test": 0.3}
STARS = [f"star-{number}" for number in range(4000)]


def test_shares_are_about_right():
    parts = assign_parts(STARS, SPLIT, 1)
    shares = {part: np.mean(parts == part) for part in PARTS}
    # Four standard errors of a share among 4000.
    assert shares == pytest.approx(SPLIT | {"training": 0.4}, abs=0.032)


def test_all_spectra_of_a_star_stand_in_one_part():
    parts = assign_parts(["HD 1", "HD 2", "HD 1", "HD 3", "HD 1"], SPLIT, 1)
    assert len(set(parts[[0, 2, 4]])) == 1


def test_new_stars_move_no_other():
    new = [f"{letter}-{number}" for number in range(100) for letter in "as"]
    mixed = np.random.default_rng(1).permutation(STARS + new)
    parts = dict(zip(mixed, assign_parts(mixed, SPLIT, 1), strict=True))
    assert [parts[star] for star in STARS] == assign_parts(STARS, SPLIT, 1).tolist()


def test_another_seed_gives_another_split():
    agreement = np.mean(assign_parts(STARS, SPLIT, 1) == assign_parts(STARS, SPLIT, 2))
    # Of independent splits: the shares squared.
    assert agreement == pytest.approx(0.01 + 0.04 + 0.09 + 0.16, abs=0.032)


def test_without_shares_all_train():
    assert set(assign_parts(STARS, {}, 1)) == {"training"}
    assert "test" not in assign_parts(STARS, {"validation": 0.5, "calibration": 0.1, "test": 0}, 1)


def test_no_stars():
    assert len(assign_parts([], SPLIT, 1)) == 0

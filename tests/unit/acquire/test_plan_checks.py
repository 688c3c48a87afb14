"""Grids, disc and time are checked before a run; what was found is shown, and errors are counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.checks import format_table, name_some, row, write_duration
from spectrolabe.acquire.grids import Grid, write_grid
from spectrolabe.acquire.plan_checks import check_disc, check_grid, check_plan, summarise

ARMS = [{"start": 5150.0, "stop": 5190.0, "step": 0.1, "scale": "linear", "resolution": 20000}]


@pytest.fixture
def grid(tmp_path):
    """Three spectra from 4000 to 7000 K, 5140-5200 angstrom in air, R = 80 000."""
    wavelength = 5140 * np.exp(np.arange(1500) * 7.8e-6)
    labels = pd.DataFrame({"teff": [4000.0, 5000.0, 7000.0], "logg": [1.0, 2.0, 4.0], "feh": [0.0, 0.0, 0.0]})
    path = tmp_path / "tiny.fits"
    write_grid(Grid(labels, np.ones((3, 1500)), wavelength, "air", 80000.0, {"ATMOS": "marcs"}, {}), path)
    return {"dataset": "marcs", "path": path, "settings": None, "ranges": {"stars": {"teff": [4500, 6500]}}}


def verdicts(rows):
    return {item["what"]: item["verdict"] for item in rows}


def test_a_grid_that_covers_all(grid):
    rows = check_grid(grid, ARMS, "air")
    assert verdicts(rows) == {"grid marcs": "ok", "stars: teff": "ok"}
    assert rows[0]["found"] == f"{grid['path']}, 3 spectra; 5140.0-5200.5 angstrom (air), R = 80000"
    assert rows[1]["found"] == "4000 to 7000 in the grid"


@pytest.mark.parametrize("change", [{"stop": 5210.0}, {"start": 5139.0}, {"resolution": 90000}])
def test_a_window_or_resolution_beyond_the_grids(grid, change):
    assert verdicts(check_grid(grid, [ARMS[0] | change], "air"))["grid marcs"] == "error"


def test_the_grids_medium_is_not_the_recipes(grid):
    # 5141 angstrom in vacuum are 5139.6 in air.
    assert verdicts(check_grid(grid, [ARMS[0] | {"start": 5141.0}], "air"))["grid marcs"] == "ok"
    assert verdicts(check_grid(grid, [ARMS[0] | {"start": 5141.0}], "vacuum"))["grid marcs"] == "error"


def test_an_arm_between_the_grids_windows(grid):
    arm = {"start": 5150.0, "stop": 5160.0, "step": 0.1, "resolution": 20000}
    windows = grid | {"path": grid["path"].with_name("absent.fits")}
    windows["settings"] = {"wavelength": {"windows": [[5100, 5140], [5200, 5300]], "resolution": 80000}}
    assert verdicts(check_grid(windows, [arm], "air")) == {"grid marcs": "error"}
    windows["settings"]["wavelength"]["windows"][0][1] = 5160
    assert verdicts(check_grid(windows, [arm], "air")) == {"grid marcs": "warning"}


@pytest.mark.parametrize("ranges", [{"teff": [3900, 6000]}, {"teff": [4500, 7001]}, {"alpha_fe": [0, 0.4]}])
def test_ranges_beyond_the_grids(grid, ranges):
    (label,) = ranges
    assert verdicts(check_grid(grid | {"ranges": {"stars": ranges}}, ARMS, "air"))[f"stars: {label}"] == "error"


def test_a_grid_that_is_not_there(grid, tmp_path):
    absent = grid | {"path": tmp_path / "absent.fits"}
    assert verdicts(check_grid(absent, ARMS, "air")) == {"grid marcs": "error"}
    window = {"start": 5140, "stop": 5200, "resolution": 80000}
    made = absent | {"settings": {"wavelength": window, "labels": {"teff": [4000, 7000]}}}
    assert verdicts(check_grid(made, ARMS, "air")) == {"grid marcs": "warning", "stars: teff": "ok"}
    beyond = made | {"settings": {"wavelength": window | {"stop": 5180}}}
    assert verdicts(check_grid(beyond, ARMS, "air")) == {"grid marcs": "error"}


def test_a_file_that_is_no_grid(grid, tmp_path):
    path = tmp_path / "other.fits"
    path.write_text("not a grid")
    assert verdicts(check_grid(grid | {"path": path}, ARMS, "air")) == {"grid marcs": "error"}


@pytest.mark.parametrize(("free", "verdict"), [(100e9, "ok"), (15e9, "warning"), (9e9, "error")])
def test_room_on_the_disc(tmp_path, monkeypatch, free, verdict):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr("spectrolabe.acquire.plan_checks.shutil.disk_usage", lambda path: usage)
    assert check_disc(10e9, tmp_path / "not" / "yet")["verdict"] == verdict


def test_a_recipe_without_surveys_says_so(grid, tmp_path):
    work = {"bytes": 1e6, "training": {"mlp": 3600.0, "cnn": 7200.0}}
    table = check_plan([grid], [], work, arms=ARMS, medium="air", folder=tmp_path, cores=2)
    found = dict(zip(table["what"], table["found"], strict=True))
    assert found["surveys"] == "none: the recipe is of grids alone"
    assert found["training"] == "mlp 60 minutes; cnn 2.0 hours on one core; all of them 1.5 hours on 2"


def test_errors_are_named_after_all_tables():
    tables = {
        "survey 'a'": pd.DataFrame(
            [row("files", "3", "some"), row("label teff", "no such\tcolumn", "numbers", "error")]
        ),
        "survey 'b'": pd.DataFrame([row("errors", "none", "sigma", "warning")]),
    }
    text, errors = summarise(tables)
    assert errors == ["survey 'a': label teff: found no such column; expected numbers"]
    assert text.splitlines()[-3:] == [
        "WARNING survey 'b': errors: found none; expected sigma", f"ERROR {errors[0]}", "1 error, 1 warning",
    ]  # fmt: skip
    assert text.index("survey 'a'") < text.index("survey 'b'") < text.index("WARNING")


def test_a_table_keeps_to_the_terminal():
    lines = format_table("title", pd.DataFrame([row("what", "word " * 40, "expected", "ok")])).splitlines()
    assert max(map(len, lines)) <= 120
    assert " ".join(lines[3:]).count("word") == 40


def test_words_for_names_and_times():
    assert name_some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert name_some(["a"]) == "a"
    assert [write_duration(seconds) for seconds in (0.2, 12, 600, 7200)] == [
        "1 second",
        "12 seconds",
        "10 minutes",
        "2.0 hours",
    ]


def test_folders_that_are_missing_are_measured_above(tmp_path):
    assert check_disc(1, Path(tmp_path) / "a" / "b")["verdict"] == "ok"

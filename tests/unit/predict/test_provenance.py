"""Provenance: what a catalogue rests on can be checked, and its errors say what they are."""

import hashlib
import json
from datetime import date
from zipfile import ZipFile

import numpy as np
import pandas as pd

from spectrolabe import VERSION
from spectrolabe.predict.provenance import describe_shares, describe_uncertainties, kept_members, provenance

LABEL = {
    "reference": "survey",
    "reference_errors": True,
    "bins": [
        {"snr": [0, 40.5], "stars": 500, "fallback": ""},
        {"snr": [40.5, None], "stars": 12, "fallback": "too few stars for 95 %"},
    ],
}
CALIBRATION = {
    "calibrated_on": {"dataset": "stars-calibration", "origin": "observed", "stars": 512, "spectra": 600},
    "labels": {"teff": LABEL},
}
FIT = {"offset": 12.3, "offset_err": 4.0, "scale": 1.0, "scale_err": 0.0, "pivot": 5300.0, "names": ["Sun", "18 Sco"]}


def save_member(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
    return path


def test_files_are_named_by_their_checksums(tmp_path):
    sources = [tmp_path / folder / "cnn.json" for folder in ("calibration", "kept")]
    for source in sources:
        source.parent.mkdir()
        source.write_text(source.parent.name)
    member = save_member(tmp_path / "train" / "0.keras")
    about = provenance({"recipe": "my_survey"}, sources, [member])
    files = {f"sha256 {path.parent.name}/{path.name}": path for path in (*sources, member)}
    assert len(files) == 3
    expected = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert {name: about[name] for name in files} == expected
    assert (about["recipe"], about["software"]) == ("my_survey", f"Spectrolabe {VERSION}")
    packages = dict(package.split(" ") for package in about["packages"].split(", "))
    assert packages.keys() == {"numpy", "pandas", "pyarrow", "astropy", "keras"}
    assert (packages["pandas"], packages["keras"]) == (pd.__version__, "3.15.1")


def test_the_date_is_a_day(tmp_path):
    about = provenance({}, [], [save_member(tmp_path / "0.keras")])
    assert date.fromisoformat(about["date"]).isoformat() == about["date"]


def test_members_that_were_not_kept_do_not_count(tmp_path):
    members = [tmp_path / f"{member}.keras" for member in range(3)]
    assert kept_members(members, {"members": ["0", "2"]}) == [members[0], members[2]]


def test_errors_say_what_they_were_calibrated_on():
    told = describe_uncertainties(CALIBRATION, between_grids=False, recalibration=None)
    assert told == {
        "uncertainties": "noise and members' disagreement in quadrature, stretched by calibration",
        "calibrated_on": "stars-calibration (observed), 512 stars, 600 spectra",
        "calibration teff": "survey labels with its errors; S/N 0 to 40.5: 500 stars; S/N from 40.5: 12 stars"
        " (too few stars for 95 %)",
    }


def test_errors_say_which_terms_entered():
    recalibration = {"dataset": "survey", "stars": "benchmark_stars", "labels": {"teff": FIT}}
    told = describe_uncertainties(CALIBRATION, between_grids=True, recalibration=recalibration)
    assert told["uncertainties"].endswith("; in quadrature with between grids; in quadrature with recalibration")
    assert told["recalibration teff"] == (
        "+12.3 +- 4 at 5300, scale 1 +- 0, from 2 stars (benchmark_stars) in survey: Sun, 18 Sco"
    )


def test_what_repeats_average_is_told():
    told = describe_shares({"teff": 0.04018, "logg": np.nan})
    assert told["repeated_share teff"] == "0.04018"
    assert told["repeated_share logg"].startswith("unknown: ")


def test_distributions_name_their_temperature():
    label = LABEL | {"temperature": 0.8153, "edges": [4000, 5000]}
    told = describe_uncertainties(CALIBRATION | {"labels": {"teff": label}}, between_grids=False, recalibration=None)
    assert told["uncertainties"] == "widths of the members' mean distribution, tempered and stretched by calibration"
    assert "survey labels with its errors; temperature 0.815; S/N 0 to 40.5: 500 stars" in told["calibration teff"]

"""What a second run does after a change: what the change asks for, and nothing else."""

import os

import numpy as np
import pytest
from observing import PIXELS, write_spectrum


@pytest.fixture
def diagrams(place):
    """A module that some of the figures use and nothing else."""
    path = place.folder / "workflow" / "spectrolabe" / "validate" / "diagrams.py"
    text = path.read_text()
    yield path
    path.write_text(text)


def test_nothing_changed(place):
    status, output = place.run(recipes="small")
    assert status == 0
    assert "Nothing to be done" in output


@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_one_more_spectrum_prepares_one_shard_and_trains_nothing(place, name):
    path = place.data / "survey" / f"{name}.fits"
    write_spectrum(path, np.ones(PIXELS), 20)
    try:
        jobs = place.count_jobs(recipes="small")
    finally:
        path.unlink()
    assert jobs == {
        "list_spectra": 1,
        "join_manifests": 1,
        "prepare_spectra": 1,
        "judge_spectra": 1,
        "predict_labels": 1,
        "write_catalogue": 1,
        "measure_coverage": 1,
        "measure_errors": 1,
        "score_labels": 1,
        "plot_catalogue": 1,
        "write_card": 1,
        "write_report": 1,
    }


def test_a_touched_library_module_reruns_nothing(place, diagrams):
    os.utime(diagrams)
    assert place.count_jobs(recipes="small") == {}


def test_an_edited_library_module_reruns_what_uses_it(place, diagrams):
    diagrams.write_text(diagrams.read_text() + "\n\nEDITED = True\n")
    assert place.count_jobs(recipes="small") == {"plot_catalogue": 4, "plot_losses": 1, "write_report": 1}

"""Fixed features are found in a survey's native files, before any of its spectra is prepared."""

import pytest

PREPARE = [
    {"mask_pixels": {"learned": "fixed"}},
    {"rest_frame": {}},
    {"broaden": {}},
    {"resample": {"method": "cubic"}},
    {"normalise": {"lowered_bins": {}}},
]


@pytest.fixture
def recipe(place):
    changes = {
        "masks": {"fixed": {"recurrent": {"survey": "survey"}}},
        "datasets": {"survey": {"prepare": PREPARE}},
        "validate": ["residuals", "benchmark_stars"],
    }
    place.add_recipe("fixed", {"extends": "benchmark_stars"} | changes)
    yield "fixed"
    (place.folder / "config" / "recipes" / "fixed.yaml").unlink()


def test_one_job_finds_them_and_no_reference_star_is_asked_for(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    assert (jobs["find_fixed_features"], jobs["prepare_spectra"]) == (1, 1)
    assert "learn_mask" not in jobs

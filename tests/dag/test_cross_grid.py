"""One key trains a model per grid, tests each on all, and lets the main model's catalogues say how they differ."""

import re

import pytest
from workplace import Workplace

GRIDS = ["marcs", "other"]
COMPARED = {
    "extends": "benchmark_stars",
    # The same nodes under two names: a dry run opens neither.
    "datasets": {"other": {"kind": "grid", "grid": "fgk_mgb"}},
    "sets": {"wide": {"extends": "synthetic", "stars": 100}},
    "models": {"mlp": {"members": 2, "keep": None}},
    "recovery": None,
    "cross_grid": {"model": "mlp", "train_on": GRIDS, "test_on": [*GRIDS, "wide"]},
    "validate": ["residuals", "losses", "cross_grid", "uncertainty_growth", "grid_differences"],
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    place = Workplace(tmp_path_factory.mktemp("compared"))
    (place.data / "benchmark_stars").mkdir()
    (place.data / "benchmark_stars" / "star.fits").touch()
    place.add_recipe("compared", COMPARED)
    return place


def test_every_grid_has_a_model_and_every_model_labels_everything(compared):
    jobs = compared.count_jobs(recipes="compared")
    assert jobs["train_member"] == 4
    assert jobs["calibrate"] == jobs["choose_members"] == 2
    # Both models label three sets of test stars, the survey, and the stars that they are calibrated on.
    assert jobs["predict_labels"] == 10
    assert jobs["write_catalogue"] == jobs["score_labels"] == 8
    once = (
        "compare_grids",
        "measure_differences",
        "plot_cross_grid",
        "plot_uncertainty_growth",
        "plot_grid_differences",
    )
    assert [jobs[rule] for rule in once] == [1, 1, 1, 1, 1]


def test_figures_of_their_own_are_for_the_main_model(compared):
    status, output = compared.run("--dry-run", recipes="compared")
    assert status == 0, output
    figures = set(re.findall(r"validate/figures/([\w/-]+)\.png", output))
    assert figures == {
        "residuals/mlp/synthetic-test", "residuals/mlp/synthetic_other-test", "residuals/mlp/wide-test",
        "losses/mlp", "cross_grid", "uncertainty_growth", "grid_differences",
    }  # fmt: skip


def test_only_catalogues_of_the_main_model_wait_for_the_other_models(compared):
    folder = "results/compared/predict/catalogue"
    wanted = [f"{folder}/mlp/survey.parquet", f"{folder}/mlp_other/wide-test.parquet"]
    for target, others in zip(wanted, ("mlp_other", None), strict=True):
        _, output = compared.run("--dry-run", target, recipes="compared")
        inputs = re.search(rf"rule write_catalogue:\n    input: (.*)\n    output: {re.escape(target)}", output)[1]
        models = set(re.findall(r"predict/labels/(\w+)/", inputs))
        assert models == {"mlp", others} if others else models == {"mlp_other"}


def test_without_the_key_nothing_is_compared(compared):
    assert "compare_grids" not in compared.count_jobs(recipes="benchmark_stars")

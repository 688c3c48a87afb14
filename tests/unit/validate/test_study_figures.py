"""Trials of a study are drawn as shares of the worst in each panel; a search by the best for what it has spent."""

import json

import numpy as np
import pytest

from spectrolabe.validate.search_figures import plot_search
from spectrolabe.validate.study_figures import plot_study
from spectrolabe.validate.study_trials import average_seeds, best_so_far, read_trials, write_error
from spectrolabe.validate.style import save_figure

BASE = {"activation": "relu", "batch": 64, "strides": None}
VARY = {"activation": ["tanh", "relu"], "batch": [128, 32]}


def trial(parameter, value, deviations, *, seed=0, state="finished", label="teff", study="sweeps", **settings):
    """What a job writes of a trial whose error after 1, 5 and 10 epochs is noted, as far as it has come."""
    noted = [{"epoch": epoch, "std": std} for epoch, std in zip((1, 5, 10), deviations, strict=False)]
    of = {"study": study, "label": label, "parameter": parameter, "value": value, "seed": seed, "state": state}
    return of | {"settings": BASE | settings, "epochs": noted}


TRIALS = [
    trial("base", "base", (90, 50, 30)),
    trial("base", "base", (110, 50, 50), seed=1),
    trial("activation", "tanh", (200, 80, 20), activation="tanh"),
    trial("batch", "32", (60, 60, 60), batch=32),
    trial("batch", "128", (), batch=128, state="failed"),
    trial("base", "base", (1, 1, 1), label="logg"),
]
SEARCH = [
    trial("joint", "0", (100, 60, 40), study="joint"),
    trial("joint", "1", (300,), study="joint", state="pruned", batch=32),
    trial("joint", "2", (20, 10, 5), study="joint", activation="tanh"),
    trial("joint", "3", (), study="joint", state="not run"),
]


@pytest.fixture
def read(tmp_path):
    def write_and_read(trials, label="teff"):
        paths = [tmp_path / f"{number}.json" for number in range(len(trials))]
        for path, content in zip(paths, trials, strict=True):
            path.write_text(json.dumps(content), encoding="utf-8")
        return read_trials(paths, label)

    return write_and_read


def points(container):
    return container.lines[0].get_ydata()


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_trials_of_one_label_are_read_and_those_without_epochs_stay(read):
    table = read(TRIALS)
    assert len(table) == 13
    failed = table[table["state"] == "failed"]
    assert failed["value"].tolist() == ["128"]
    assert failed["epoch"].isna().all()
    assert read(TRIALS, "logg")["std"].tolist() == [1, 1, 1]


def test_the_base_is_one_of_the_values_and_its_seeds_are_averaged(read):
    means = average_seeds(read(TRIALS), "activation").set_index(["chosen", "epoch"])
    assert means.loc[("relu", 10), ["mean", "spread", "count"]].tolist() == [40, 10, 2]
    assert means.loc[("tanh", 10), "mean"] == 20
    # Trials that vary another parameter are no trials of this one.
    assert set(average_seeds(read(TRIALS), "batch")["chosen"]) == {"64", "32"}


def test_a_grid_averages_over_everything_else(read):
    grid = [trial("base", "base", (10,)), trial("grid", "0", (20,), batch=32)]
    grid += [trial("grid", "1", (40,), batch=32, activation="tanh")]
    means = average_seeds(read(grid), "batch").set_index("chosen")["mean"]
    assert means.to_dict() == {"64": 10, "32": 30}


def test_settings_that_are_not_given_have_a_value_too(read):
    rows = [trial("base", "base", (10,)), trial("strides", "2-2", (20,), strides=[2, 2])]
    assert average_seeds(read(rows), "strides")["chosen"].tolist() == ["none", "2-2"]
    assert len(plot_study(read(rows), "teff", {"strides": [[2, 2]]}).axes) == 1


def test_figure_has_a_panel_per_parameter_and_one_of_epochs(read, tmp_path):
    figure = plot_study(read(TRIALS), "teff", VARY)
    assert titles(figure) == ["activation: 1 is 200 K", "batch: 1 is 100 K", "epochs: 1 is 100 K"]
    words, numbers, epochs = figure.axes
    assert [text.get_text() for text in words.get_xticklabels()] == ["tanh", "relu"]
    assert [text.get_text() for text in numbers.get_xticklabels()] == ["32", "64", "128"]
    assert points(words.containers[2]) == pytest.approx([0.1, 0.2])
    assert points(numbers.containers[0]) == pytest.approx([0.6, 1, np.nan], nan_ok=True)
    assert points(epochs.containers[0]) == pytest.approx([1, 0.5, 0.4])
    crosses = next(line for line in numbers.lines if line.get_label() == "failed")
    assert crosses.get_xdata().tolist() == [2]
    save_figure(figure, tmp_path / "figure.png")


def test_best_so_far_counts_the_epochs_of_all_seeds(read):
    course = best_so_far(read(TRIALS))
    assert course["spent"].tolist() == [2, 10, 20, 21, 25, 30, 31, 35, 40]
    assert course["std"].tolist() == [100, 50, 40, 200, 80, 20, 60, 60, 60]
    assert course["best"].tolist() == [100, 50, 40, 40, 40, 20, 20, 20, 20]


def test_a_failed_trial_costs_a_whole_one_and_is_never_the_best(read):
    failing = [trial("activation", "elu", (1,), state="failed", activation="elu"), trial("batch", "8", (7,), batch=8)]
    course = best_so_far(read([*TRIALS[:2], *failing]))
    assert course["spent"].tolist() == [2, 10, 20, 21, 31]
    assert course["best"].iloc[-1] == 7


def test_a_pruned_trial_costs_what_it_was_trained(read):
    course = best_so_far(read(SEARCH))
    assert course["spent"].tolist() == [1, 5, 10, 11, 12, 16, 21]
    assert course["best"].iloc[-1] == 5


def test_search_stands_beside_the_sweeps(read, tmp_path):
    figure = plot_search(read([*SEARCH, *TRIALS]), "joint", "teff", {})
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == ["trials of joint", "joint: 5 K", "sweeps: 20 K"]
    save_figure(figure, tmp_path / "figure.png")


@pytest.mark.parametrize("trials", [[], [trial("base", "base", (), state="failed")]])
def test_a_study_without_results_says_so(read, trials):
    for figure in (plot_study(read(trials), "teff", VARY), plot_search(read(trials), "sweeps", "teff", VARY)):
        assert "No trial of this label" in figure.texts[0].get_text()


RATE = {"from": 1e-4, "to": 1e-2, "law": "log"}


def places(axes, word):
    """Where the points of a kind stand in a panel."""
    (line,) = [line for line in axes.lines if line.get_label() == word]
    return line.get_xdata().tolist()


def test_a_search_has_a_panel_per_setting(read, tmp_path):
    rates = [0.001, 0.0001, 0.01, 0.005]
    trials = [
        entry | {"settings": entry["settings"] | {"rate": rate}} for entry, rate in zip(SEARCH, rates, strict=True)
    ]
    figure = plot_search(read([*trials, *TRIALS]), "joint", "teff", {"rate": RATE, "batch": [32, 64]})
    course, rate, batch = figure.axes
    assert titles(figure)[1:] == ["rate", "batch"]
    assert (rate.get_xscale(), batch.get_xscale()) == ("log", "linear")
    assert (places(rate, "base"), places(rate, "best"), places(rate, "ended early")) == ([0.001], [0.01], [0.0001])
    assert [text.get_text() for text in batch.get_xticklabels()] == ["32", "64"]
    assert (places(batch, "base"), places(batch, "ended early")) == ([1], [0])
    # Other studies have no points of their own, and what lies too high stands at the edge.
    (early,) = [line for line in rate.lines if line.get_label() == "ended early"]
    assert early.get_ydata().tolist() == [pytest.approx(min(300, rate.get_ylim()[1]))]
    save_figure(figure, tmp_path / "figure.png")


def test_a_base_point_without_a_number_is_left_out_of_its_panel(read, tmp_path):
    trials = [
        entry | {"settings": entry["settings"] | {"rate": rate}}
        for entry, rate in zip(SEARCH, [0, None, 1, 1], strict=True)
    ]
    figure = plot_search(read(trials), "joint", "teff", {"rate": RATE})
    assert places(figure.axes[1], "best") == [1]
    assert np.isnan(places(figure.axes[1], "base")).all()
    save_figure(figure, tmp_path / "figure.png")


def test_errors_of_labels_together_have_no_unit(read):
    assert write_error("teff", 81.6) == "82 K"
    assert write_error("all", 0.0872) == "0.087 of the spread"
    together = [trial("joint", "0", (0.3, 0.2, 0.1), label="all", study="joint")]
    figure = plot_search(read(together, "all"), "joint", "all", VARY)
    assert figure.axes[0].get_title(loc="left") == "All labels together: the best found so far"
    assert "spread" in figure.axes[0].get_ylabel()
    assert "of the spread" in plot_study(read([trial("base", "base", (0.3,), label="all")], "all"), "all", VARY).axes[
        0
    ].get_title(loc="left")


def test_losses_of_folds_are_drawn_as_they_are(read, tmp_path):
    folds = []
    for number, losses in enumerate([(-1.0, -2.0), (-3.0, -2.0)]):
        for (parameter, value), loss in zip((("base", "base"), ("activation", "tanh")), losses, strict=True):
            fold = trial(parameter, value, (50,), **({"activation": value} if parameter != "base" else {}))
            fold["epochs"][0]["val_loss"] = loss
            folds.append({key: item for key, item in fold.items() if key != "seed"} | {"fold": number})
    table = read(folds)
    assert table["repeat"].tolist() == [0, 0, 1, 1]
    figure = plot_study(table, "teff", {"activation": ["relu", "tanh"]}, "loss")
    (axes,) = figure.axes
    assert titles(figure) == ["activation"]
    (drawn,) = axes.containers
    assert list(points(drawn)) == [-2, -2]
    assert axes.get_ylim()[0] < -2 < axes.get_ylim()[1]
    save_figure(figure, tmp_path / "losses.png")

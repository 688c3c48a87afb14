"""Joint searches: trials in processes of their own that share a journal, a budget and nothing else."""

import pytest

from spectrolabe.train import searches
from spectrolabe.train.searches import begin_trial, search_trial
from spectrolabe.train.trials import TrialData

SEARCH = {
    "choices": {"activation": {"relu": "relu", "tanh": "tanh"}, "dropout": {"0.1": 0.1, "0.3": 0.3, "0.5": None}},
    "ranges": {},
    "base": {"activation": "relu", "dropout": "0.5"},
    "epochs": [2, 4],
    "budget": 16,
}
ERRORS = {"0.1": 1.0, "0.3": 2.0, "0.5": 3.0}


@pytest.fixture
def begin(tmp_path):
    """Give a function that takes up a trial as a process of its own would."""

    def take_up(number, repeat=0, **changes):
        search = SEARCH | changes
        return begin_trial(
            tmp_path / "s" / "teff.journal", name="n", search=search, number=number, repeat=repeat, seed=1
        )

    return take_up


def ended(trial, state="finished"):
    """End a trial as its training would, with an error that grows with the dropout."""
    std = ERRORS[trial.settings["dropout"]]
    rows = [{"epoch": 2, "std": 2 * std}] + ([{"epoch": 4, "std": std}] if state == "finished" else [])
    for row in rows:
        trial.judge(row["epoch"], row["std"])
    trial.finish({"state": state, "epochs": rows if state != "failed" else []})
    return trial


def test_the_first_trial_is_the_base_point(begin):
    assert begin(0).settings == SEARCH["base"]
    assert begin(1).settings != SEARCH["base"]


def test_nothing_is_tried_twice_and_no_more_is_spent_than_there_is(begin):
    trials = [begin(number) for number in range(6)]
    run = [trial for trial in trials if not trial.reason]
    # 16 epochs are four trials of 4, whether they have ended or not.
    assert len(run) == 4
    assert len({tuple(trial.settings.items()) for trial in run}) == 4
    assert trials[-1].reason == "the 16 epochs that changing one setting at a time takes are spent"


def test_the_base_point_keeps_its_share_though_it_begins_last(begin):
    trials = [begin(number) for number in (1, 2, 3, 4, 5)]
    assert [bool(trial.reason) for trial in trials] == [False, False, False, True, True]
    assert not begin(0).reason


def test_what_pruned_trials_leave_is_spent_by_others(begin):
    for number in range(3):
        ended(begin(number), "pruned")
    assert [bool(begin(number).reason) for number in (3, 4, 5)] == [False, False, True]


def test_a_search_that_has_tried_everything_says_so(begin):
    # Four epochs each; six combinations.
    reasons = [begin(number, budget=100).reason for number in range(7)]
    assert reasons == [""] * 6 + ["all settings that were drawn have been tried"]


def test_a_repeated_seed_tries_the_same_settings_again(begin):
    trials = [begin(number, repeat=number % 2, budget=100) for number in range(12)]
    assert sum(not trial.reason for trial in trials) > 6


def test_an_unfinished_trial_is_taken_up_again(begin):
    first = begin(1)
    first.judge(2, 1.0)
    again = begin(1)
    assert again.settings == first.settings
    assert not again.is_over
    again.judge(2, 1.0)
    ended(again)
    assert begin(1).is_over


@pytest.mark.parametrize("state", ["finished", "pruned", "failed"])
def test_a_trial_whose_result_was_lost_is_run_as_it_was(begin, state):
    settings = ended(begin(1), state).settings
    again = begin(1)
    assert (again.settings, again.reason, again.is_over) == (settings, "", True)
    assert [again.judge(2, 9.9), again.judge(4, 9.9)] == [state == "pruned"] * 2
    ended(again, state)


def test_trials_do_not_depend_on_when_they_are_looked_at(tmp_path):
    drawn = [
        [
            begin_trial(tmp_path / name, name="n", search=SEARCH, number=number, repeat=0, seed=1).settings
            for number in range(3)
        ]
        for name in ("a", "b")
    ]
    assert drawn[0] == drawn[1]


def test_bad_trials_are_given_up_but_not_in_their_last_epoch(begin):
    for number in range(3):
        ended(begin(number, budget=100))
    trial = begin(3, budget=100)
    assert trial.judge(2, 99.0)
    assert not trial.judge(4, 99.0)


SPANS = {
    "stem": {"from": 64, "to": 128, "step": 16, "law": "linear", "whole": True},
    "rate": {"from": 1e-4, "to": 5e-3, "law": "log", "whole": False},
    "dropout": {"from": 0, "to": 0.4, "law": "linear", "whole": False},
}
RANGED = {
    "choices": {"blocks": {"64": None, "32-32": [32, 32]}},
    "ranges": SPANS,
    "base": {"blocks": "64", "stem": "128", "rate": "0.0007", "dropout": "0.5"},
    "budget": 1000,
}


def draw_ranges(begin, count, **changes):
    """Settings of trials that run one after the other, whose error is their distance from a dropout of 0.1."""
    drawn = []
    for number in range(count):
        trial = begin(number, **(RANGED | changes))
        std = 1 + abs(float(trial.settings["dropout"]) - 0.1)
        trial.judge(4, std)
        trial.finish({"state": "finished", "epochs": [{"epoch": 4, "std": std}]})
        drawn.append(trial.settings)
    return drawn


def test_numbers_are_drawn_from_ranges(begin):
    first, *drawn = draw_ranges(begin, 25)
    # Its dropout lies outside the range: it is the base point's all the same.
    assert first == RANGED["base"]
    assert {settings["stem"] for settings in drawn} <= {"64", "80", "96", "112", "128"}
    rates = [float(settings["rate"]) for settings in drawn]
    assert 1e-4 <= min(rates) < 5e-4 < max(rates) <= 5e-3
    assert all(0 <= float(settings["dropout"]) <= 0.4 for settings in drawn)
    assert max(len(settings["dropout"]) for settings in drawn) <= len("0.1234")
    assert len({tuple(settings.items()) for settings in drawn}) == len(drawn)


def test_a_search_comes_near_the_best_number(begin):
    distances = [abs(float(settings["dropout"]) - 0.1) for settings in draw_ranges(begin, 40)]
    # The first five were drawn evenly.
    assert sum(distances[-10:]) / 10 < 0.6 * sum(distances[1:6]) / 5


def test_drawn_numbers_are_taken_up_again(begin):
    settings = begin(1, **RANGED).settings
    assert begin(1, **RANGED).settings == settings


@pytest.mark.parametrize("base", ["none", "0", "0.5"])
def test_the_base_point_is_tried_where_its_value_has_no_place_in_a_range(begin, base):
    search = RANGED | {"base": RANGED["base"] | {"rate": base}}
    assert begin(0, **search).settings["rate"] == base
    assert begin(0, **search).settings == begin(0, **search).settings
    assert begin(1, **search).settings["rate"] != base


def test_numbers_of_few_steps_are_not_tried_twice(begin):
    search = {"choices": {}, "ranges": {"stem": SPANS["stem"]}, "base": {"stem": "128"}, "budget": 100}
    reasons = [begin(number, **search).reason for number in range(6)]
    assert reasons == [""] * 5 + [searches.TRIED]


def test_a_damaged_journal_ends_in_one_sentence(begin, tmp_path):
    begin(0)
    with open(tmp_path / "s" / "teff.journal", "a") as stream:
        stream.write("half a line\nand more\n")
    with pytest.raises(ValueError, match=r"teff\.journal: expected a journal of trials, found one .* delete it"):
        begin(1)


def test_a_search_runs_what_it_draws(make_set, tmp_path):
    model = {
        "network": {"perceptron": {"units": [4], "activation": "relu", "dropout": 0.5}},
        "head": {"point": {"loss": "mse"}},
        "stages": [
            {"batch": 32, "optimiser": {"adam": {"learning_rate": 0.01}}, "schedule": {"constant": {}}, "epochs": 9}
        ],
    }
    data = TrialData(make_set(64, 1), make_set(32, 2), make_set(32, 3))

    def run(number):
        return search_trial(
            data,
            journal=tmp_path / "teff.journal",
            model=model,
            search=SEARCH | {"budget": 8, "epochs": [1, 4]},
            labels=["teff"],
            number=number,
            repeat=0,
            search_seed=1,
            seed=3,
            checkpoint=tmp_path / f"{number}.npz",
            report=lambda line: None,
        )

    records = [run(number) for number in range(3)]
    assert [record["state"] for record in records] == ["finished", "finished", "not run"]
    assert [row["epoch"] for row in records[0]["epochs"]] == [1, 4]
    assert records[0]["settings"]["dropout"] == 0.5
    assert records[1]["settings"] != records[0]["settings"]
    assert (records[2]["epochs"], set(records[2])) == ([], set(records[0]))
    assert run(1)["epochs"] == records[1]["epochs"]
    assert searches.TRIED not in records[2]["reason"]

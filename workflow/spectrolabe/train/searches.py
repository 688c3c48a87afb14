"""Joint searches of settings: each trial draws its own by what those before it have found (optuna's TPE)."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import Trial, TrialState, create_trial

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.stored import flux_blocks
from spectrolabe.train.checkpoints import fingerprint
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build
from spectrolabe.train.ranges import holds, read_number, round_number
from spectrolabe.train.studies import describe_trial, read_changes, write_value
from spectrolabe.train.trials import TrialData, run_trial

#: Trials whose settings are drawn evenly, before the others are looked at.
RANDOM_TRIALS = 5
#: Trials that have come to their end before one is given up.
LEAST_TRIALS = 3
#: Times that settings are drawn, where those drawn first have been tried.
DRAWS = 30
TRIED = "all settings that were drawn have been tried"


def search_trial(
    data: TrialData,
    *,
    journal: Path,
    model: Mapping,
    search: Mapping,
    labels: Sequence[str],
    number: int,
    repeat: int,
    search_seed: int,
    **options,
) -> dict:
    """Run one trial of a joint search; trials may run at the same time, on machines that share a disc.

    Parameters
    ----------
    journal : file in which the trials of the same labels tell each other what they have found; one of other spectra or
        other settings counts as none of theirs.
    model : the base point: ``network``, ``head``, and ``stages`` with the last one alone.
    search : ``choices``, ``ranges``, ``base`` and ``epochs`` as in `spectrolabe.train.studies`, and ``budget``, the
        epochs that all trials of the labels may take together.
    number, repeat : the trial's number, and which of the repeated seeds it has.
    search_seed : of what is drawn.
    data, labels, options : see `spectrolabe.train.trials.run_trial`.

    Returns
    -------
    As `run_trial` gives it, with ``settings``; the state ``not run`` where the budget is spent or there is nothing new
    to try.
    """
    targets = build(HEADS, model["head"]).targets(data.training.table, labels)
    contents = chain(flux_blocks(data.training), [targets])
    depends = {"model": dict(model), "search": dict(search), "labels": list(labels), "seed": search_seed}
    name = fingerprint(contents, depends)
    trial = begin_trial(journal, name=name, search=search, number=number, repeat=repeat, seed=search_seed)
    described = describe_trial(model, read_changes(search, trial.settings), search["epochs"], labels)
    settings = {"settings": described.pop("settings")}
    if trial.reason:
        return settings | _not_run(trial.reason)
    record = run_trial(data, labels=labels, epochs=search["epochs"], give_up=trial.judge, **described, **options)
    trial.finish(record)
    return settings | record


def _not_run(reason):
    unknown = dict.fromkeys(("learning_rate", "parameters", "seconds", "spectra_per_second"))
    return {"state": "not run", "reason": reason, "epochs": []} | unknown


class SearchTrial:
    """A trial that has been taken up: its ``settings`` (varied name -> text), and in ``reason`` why it is not run."""

    def __init__(self, trial: Trial, search: Mapping):
        self._trial, self._last = trial, search["epochs"][-1]
        self._before = trial.study.get_trials(deepcopy=False)[trial.number]
        # What the base point's own value is, its range need not hold.
        is_base = self._before.user_attrs["place"] == 0
        self.settings = dict(search["base"]) if is_base else _draw_settings(trial, search)
        self.reason = self._before.user_attrs.get("reason", "")

    @property
    def is_over(self) -> bool:
        """Whether it had come to its end when it was taken up: it is run again, and ends where it ended."""
        return self._before.state.is_finished()

    def judge(self, epoch: int, std: float) -> bool:
        """Note the error after an epoch; say whether the trial is to be given up, which none is in its last."""
        if self.is_over:
            return self._before.state == TrialState.PRUNED and epoch >= self._before.last_step
        if epoch not in self._before.intermediate_values:
            self._trial.report(std, epoch)
        return epoch < self._last and self._trial.should_prune()

    def drop_for(self, reason: str) -> None:
        """Note that the trial is not run, where there is a reason."""
        self.reason = reason
        if reason:
            self._end(TrialState.FAIL, 0, reason=reason)

    def finish(self, record: Mapping) -> None:
        """Note how the trial ended, and what it cost."""
        rows, state = record["epochs"], record["state"]
        states = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        value = rows[-1]["std"] if state == "finished" else None
        if not self.is_over:
            # One that failed is taken to have cost what it might have.
            self._end(states[state], self._last if state == "failed" else rows[-1]["epoch"], value)

    def _end(self, state, epochs, value=None, **attributes):
        for name, attribute in {"epochs": epochs, **attributes}.items():
            self._trial.set_user_attr(name, attribute)
        self._trial.study.tell(self._trial.number, value, state=state)


def begin_trial(journal: Path, *, name: str, search: Mapping, number: int, repeat: int, seed: int) -> SearchTrial:
    """Take up a trial where it was left, or draw its settings; trial 0 is the base point.

    Of trials that run at the same time, the one begun first has the first claim on the budget and on its settings: so
    no more epochs are taken than there are, and nothing is tried twice.

    Parameters
    ----------
    name : of the search; others may be in the same journal.
    journal, search, number, repeat : see `search_trial`.
    seed : of what is drawn.

    Raises
    ------
    ValueError
        Where the journal is damaged.
    """
    study = _open_study(journal, name)
    for draw in range(DRAWS):
        study.sampler = optuna.samplers.TPESampler(
            n_startup_trials=RANDOM_TRIALS, seed=derive_seed(seed, number, draw) % 2**32
        )
        trial = _take_up(study, search, {"place": number, "draw": draw, "repeat": repeat})
        begun = SearchTrial(trial, search)
        if number and not begun.is_over:
            begun.drop_for(_refuse(trial, begun.settings, search, repeat))
        if begun.reason != TRIED:
            return begun
    return begun


def _draw_settings(trial, search):
    """Give varied name -> value as text, drawn now or when the trial was begun."""
    drawn = {name: trial.suggest_categorical(name, list(texts)) for name, texts in search["choices"].items()}
    for name, span in search["ranges"].items():
        suggest = trial.suggest_int if span["whole"] else trial.suggest_float
        drawn[name] = suggest(name, span["from"], span["to"], **_describe_steps(span))
    return _write_settings(drawn, search)


def _describe_steps(span):
    return {"step": span.get("step", 1 if span["whole"] else None), "log": span["law"] == "log"}


def _write_settings(drawn, search):
    """Give drawn values as text, those of ranges rounded."""
    ranges = search["ranges"]
    return {
        name: write_value(round_number(ranges[name], value)) if name in ranges else value
        for name, value in drawn.items()
    }


def _open_study(journal, name):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    journal = Path(journal)
    journal.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Its lock is a symbolic link, which works on shared discs too.
        storage = JournalStorage(JournalFileBackend(str(journal)))
        pruner = optuna.pruners.MedianPruner(n_startup_trials=LEAST_TRIALS)
        return optuna.create_study(storage=storage, study_name=name, load_if_exists=True, pruner=pruner)
    except ValueError as error:
        found = f"expected a journal of trials, found one that cannot be read ({error})"
        raise ValueError(f"{journal}: {found}: delete it to search anew") from error


def _take_up(study, search, attributes):
    """Give the trial of these attributes, after beginning it where it is new."""

    def find():
        trials = study.get_trials(deepcopy=False)
        return [known for known in trials if all(known.user_attrs[key] == item for key, item in attributes.items())]

    if not find():
        base, spaces = _describe_base(search) if attributes["place"] == 0 else ({}, {})
        begun = create_trial(state=TrialState.RUNNING, params=base, distributions=spaces, user_attrs=attributes)
        study.add_trial(begun)
    return Trial(study, find()[0]._trial_id)


def _describe_base(search):
    """Give the base point's values, as far as choices and ranges hold them, and what they are drawn from."""
    spaces = {name: CategoricalDistribution([*texts]) for name, texts in search["choices"].items()}
    for name, span in search["ranges"].items():
        kind = IntDistribution if span["whole"] else FloatDistribution
        spaces[name] = kind(span["from"], span["to"], **_describe_steps(span))
    texts, ranges = search["base"], search["ranges"]
    base = {name: read_number(ranges[name], text) if name in ranges else text for name, text in texts.items()}
    base = {name: value for name, value in base.items() if name not in ranges or holds(ranges[name], value)}
    return base, {name: spaces[name] for name in base}


def _refuse(trial, settings, search, repeat):
    """Say why a trial is not to be run, in view of those begun before it; nothing where it is."""
    before = trial.study.get_trials(deepcopy=False)[: trial.number]
    before = [other for other in before if "reason" not in other.user_attrs]
    tried = [(_write_settings(other.params, search), other.user_attrs["repeat"]) for other in before]
    if (settings, repeat) in [*tried, (search["base"], 0)]:
        return TRIED
    last = search["epochs"][-1]
    spent = sum(other.user_attrs["epochs"] if other.state.is_finished() else last for other in before)
    spent += 0 if any(other.user_attrs["place"] == 0 for other in before) else last
    budget = search["budget"]
    return "" if spent + last <= budget else f"the {budget} epochs that changing one setting at a time takes are spent"

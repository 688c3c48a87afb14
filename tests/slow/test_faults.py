"""Planted faults: each is named in one sentence, loses no spectrum, and keeps what was finished.

Takes 20 minutes on two busy cores. Those of a full disc and of read-only results mount file systems: they need root.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager

import pandas as pd
import psutil
import pytest
from faulty_recipe import (
    CATALOGUE,
    NAME,
    RECIPE,
    RESULTS,
    assert_same_catalogue,
    assert_same_weights,
    checkpointed,
    copy_place,
    history,
    list_ids,
    list_unfinished,
    member,
)
from observing import PIXELS, write_spectrum, write_survey
from workplace import Workplace

PATIENCE = 600  # seconds
EPOCHS = 150


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workplace:
    """A workplace in which the recipe has been run to its catalogue; no test changes it."""
    place = Workplace(tmp_path_factory.mktemp("faults"))
    write_survey(place.data / "survey")
    place.add_recipe(NAME, RECIPE)
    run(place, CATALOGUE)
    assert len(list_ids(place)) == 12
    return place


@pytest.fixture(autouse=True)
def interruptible():
    """What a shell starts in the background ignores Ctrl-C, and so would all that is started here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def place(whole, tmp_path) -> Workplace:
    return copy_place(whole, tmp_path / "place")


def run(place: Workplace, *targets: str) -> str:
    status, output = place.run(*targets, recipes=NAME)
    assert status == 0, output
    return output


def count_jobs(output: str) -> dict[str, int]:
    """Read from what a run has printed how many jobs of each rule it has started."""
    table = re.search(r"^job +count\n[- ]+\n(.+?)\n\n", output, re.MULTILINE | re.DOTALL)
    assert table, output
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", table[1], re.MULTILINE))
    return {rule: int(count) for rule, count in jobs.items() if rule != "total"}


def run_to_failure(place: Workplace, *targets: str) -> str:
    """Run what must fail; give what is printed, in which no job may end without its log."""
    status, output = place.run(*targets, recipes=NAME)
    assert status == 1, output
    assert "Directory cannot be locked" not in output
    return output


def wait_until(condition: Callable[[], object], process: subprocess.Popen, pause: float = 0.05) -> None:
    started = time.monotonic()
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() - started < PATIENCE
        time.sleep(pause)


def trainer(process: subprocess.Popen) -> psutil.Process:
    """The process of the training job that a run has started."""
    return next(
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "train_member" in child.cmdline()[-1] and "python" in child.name()
    )


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    """Turn the highest bits of some bytes in the first half."""
    start = len(content) // 3
    return content[:start] + bytes(byte ^ 0x80 for byte in content[start : start + 8]) + content[start + 8 :]


# What follows from a file of each kind; damage -> the jobs that make it and what follows anew.
AFTER_LABELS = {"write_catalogue": 1}
AFTER_MEMBER = {"choose_members": 1, "learn_features": 1, "predict_labels": 4, "calibrate": 1} | AFTER_LABELS
AFTER_SHARD = {"judge_spectra": 1, "predict_labels": 1} | AFTER_LABELS
DAMAGED = {
    "prepare/spectra/survey/001.parquet": (flip, {"prepare_spectra": 1} | AFTER_SHARD),
    "prepare/spectra/survey/002.parquet": (cut, {"prepare_spectra": 1} | AFTER_SHARD),
    "train/models/cnn/only/0.keras": (flip, {"train_member": 1} | AFTER_MEMBER),
    "train/kept/cnn.json": (flip, {"choose_members": 1} | AFTER_MEMBER),
    "predict/calibration/cnn.json": (cut, {"calibrate": 1} | AFTER_LABELS),
    "predict/labels/cnn/survey/001.parquet": (cut, {"predict_labels": 1} | AFTER_LABELS),
    "acquire/manifests/survey/001.tsv": (
        cut,
        {"list_spectra": 1, "join_manifests": 1, "prepare_spectra": 1} | AFTER_SHARD,
    ),
    "acquire/manifests/survey.tsv": (cut, {"join_manifests": 1} | AFTER_LABELS),
    "predict/features/cnn.npz": (flip, {"learn_features": 1, "predict_labels": 4, "calibrate": 1} | AFTER_LABELS),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_named_and_made_again(whole, place, name):
    damage, jobs = DAMAGED[name]
    path = place.folder / RESULTS / name
    path.write_bytes(damage(path.read_bytes()))
    # What Snakemake finds finished it does not make again, though files that it was made from are gone.
    (place.folder / CATALOGUE).unlink()
    output = run_to_failure(place, CATALOGUE)
    # Lines of code in a traceback are set in.
    sentences = [line for line in output.splitlines() if "delete it to" in line and not line.startswith(" ")]
    assert any(line.startswith(f"{RESULTS}/{name}: ") for line in sentences), output
    assert all(f"{RESULTS}/{name}: " in line for line in sentences), sentences
    path.unlink()
    assert count_jobs(run(place, CATALOGUE)) == jobs
    assert_same_catalogue(place, whole)
    assert list_unfinished(place) == []


def test_a_disturbed_training_ends_in_the_same_network(place):
    """Killed as a job, interrupted with its run, outliving its run: each time the training goes on where it was."""
    target = member("interrupted")
    seen = []

    def start_and_wait() -> subprocess.Popen:
        process, reached = place.start(target, recipes=NAME), len(checkpointed(place, "interrupted"))
        wait_until(lambda: len(checkpointed(place, "interrupted")) > reached + 2, process)
        return process

    def disturb(harm: Callable[[subprocess.Popen], None]) -> str:
        process = start_and_wait()
        harm(process)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode != 0
        seen.append(checkpointed(place, "interrupted"))
        assert not (place.folder / target).exists()
        return output

    def meet_second_run(process):
        assert "Directory cannot be locked" in place.run(target, recipes=NAME)[1]
        assert process.poll() is None
        # As Ctrl-C does in a terminal: to the run and all that it has started.
        os.killpg(process.pid, signal.SIGINT)

    output = disturb(lambda process: trainer(process).kill())
    assert "Error in rule train_member" in output
    # The run itself lived, and has left no lock, nor does an interrupted one.
    output = disturb(meet_second_run)
    assert "Traceback" not in output
    # The job outlives its run, and goes on beside the next one.
    process = start_and_wait()
    orphan = trainer(process)
    process.kill()
    process.wait()
    assert place.run("--unlock", recipes=NAME)[0] == 0
    run(place, target, member("undisturbed"))
    orphan.wait(timeout=PATIENCE)
    process.stdout.close()
    resumed, expected = (history(place, model) for model in ("interrupted", "undisturbed"))
    assert [len(rows) for rows in seen] == sorted({len(rows) for rows in seen})
    pd.testing.assert_frame_equal(resumed.head(len(seen[0])), pd.DataFrame(seen[0]), check_exact=True)
    pd.testing.assert_frame_equal(resumed.drop(columns="seconds"), expected.drop(columns="seconds"), check_exact=True)
    assert len(expected) == EPOCHS
    assert_same_weights(place.folder / target, place.folder / member("undisturbed"))
    assert list_unfinished(place) == []


@pytest.mark.parametrize("harm", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda harm: harm.name)
def test_an_ended_run_is_completed_by_the_next(whole, place, harm):
    shards = place.folder / RESULTS / "prepare" / "spectra" / "survey"
    for folder in (shards, place.folder / RESULTS / "predict", place.folder / RESULTS / "train"):
        shutil.rmtree(folder)
    process = place.start(CATALOGUE, recipes=NAME)
    # On two cores the last of three is begun when one is finished.
    wait_until(lambda: len(list(shards.glob("*.parquet"))) == 3, process)
    if harm is signal.SIGTERM:
        process.send_signal(harm)
    else:
        os.killpg(process.pid, harm)
    process.communicate(timeout=PATIENCE)
    assert not (place.folder / CATALOGUE).exists()
    if harm is signal.SIGKILL:
        assert place.run("--unlock", recipes=NAME)[0] == 0
    left = count_jobs(run(place, CATALOGUE))
    assert left.get("prepare_spectra", 0) < 3
    assert left["write_catalogue"] == 1
    assert_same_catalogue(place, whole)
    assert list_unfinished(place) == []


def copy_inputs(whole: Workplace, folder) -> Workplace:
    """A workplace with the recipe and the survey, in which nothing has been run."""
    folder.mkdir()
    place = Workplace(folder)
    write_survey(place.data / "survey")
    place.add_recipe(NAME, RECIPE)
    return place


@contextmanager
def mounted(*arguments: str):
    """A file system at the last argument while a test goes on; skips where this process may mount none."""
    if os.geteuid() != 0 or subprocess.run(["mount", *arguments], capture_output=True).returncode:
        pytest.skip("mounting a file system needs root, which this process is not or has in name only")
    try:
        yield
    finally:
        subprocess.run(["umount", arguments[-1]], check=True)


def test_a_full_disc_is_named_and_costs_nothing_finished(whole, tmp_path):
    place = copy_place(whole, tmp_path / "place")
    results = place.folder / "results"
    kept = tmp_path / "kept"
    results.rename(kept)
    results.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=32m", "none", str(results)):
        subprocess.run(["cp", "-a", f"{kept}/.", str(results)], check=True)
        lost = place.folder / RESULTS / "prepare" / "spectra" / "survey" / "001.parquet"
        lost.unlink()
        (place.folder / member("cnn")).unlink()
        shutil.rmtree(place.folder / RESULTS / "predict")
        ballast = results / "ballast"
        filled = subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4096"], capture_output=True, text=True)
        assert "No space left" in filled.stderr
        output = run_to_failure(place, CATALOGUE)
        said = [line for line in output.splitlines() if line.endswith("finished files are kept")]
        for path in (str(lost.relative_to(place.folder)), f"{RESULTS}/train/"):
            assert any(line.startswith(f"{path}") and "no space left on device" in line for line in said), output
        assert not lost.exists()
        ballast.unlink()
        jobs = count_jobs(run(place, CATALOGUE))
        assert (jobs["prepare_spectra"], jobs["train_member"]) == (1, 1)
        assert not jobs.keys() & {"build_set", "join_set", "list_spectra", "fit_doubt"}
        assert_same_catalogue(place, whole)
        assert list_unfinished(place) == []


def test_read_only_results_end_a_run_before_any_job(place):
    results = place.folder / "results"
    # Files that are there, and would be written anew, Snakemake itself refuses as write-protected.
    shutil.rmtree(place.folder / RESULTS / "predict" / "catalogue")
    with mounted("--bind", str(results), str(results)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(results)], check=True)
        assert place.count_jobs(CATALOGUE, recipes=NAME) == {"write_catalogue": 1}
        output = run_to_failure(place, CATALOGUE)
    assert "results: cannot be written to" in output
    assert "rule write_catalogue" not in output
    assert "Traceback" not in output


def test_a_file_that_changes_or_vanishes_during_a_run_is_a_row_and_is_seen_by_the_next(whole, tmp_path):
    place = copy_inputs(whole, tmp_path / "place")
    survey, manifests = place.data / "survey", place.folder / RESULTS / "acquire" / "manifests"
    gone, changed = survey / "star_1.fits", survey / "star_2.fits"
    process = place.start(CATALOGUE, recipes=NAME)
    listed = {
        path: lambda path=path: any(path.stem in each.read_text() for each in manifests.rglob("0*.tsv"))
        for path in (gone, changed)
    }
    wait_until(listed[gone], process, 0.005)
    gone.unlink()
    wait_until(listed[changed], process, 0.005)
    changed.unlink()
    write_spectrum(changed, pd.Series(1000.0, range(PIXELS)).to_numpy(), 2)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    rows = pd.read_parquet(place.folder / CATALOGUE).set_index("spectrum_id")
    assert rows.index.tolist() == list_ids(place) == list_ids(whole)
    # The next run sees both: a row less, and the changed spectrum anew.
    jobs = count_jobs(run(place, CATALOGUE))
    assert 1 <= jobs["list_spectra"] <= 2
    assert "train_member" not in jobs
    assert set(list_ids(whole)) - set(list_ids(place)) == {"star_1"}

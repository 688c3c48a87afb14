"""The workflow on a real SLURM of one node, through profiles/slurm: about 20 minutes on two cores.

Needs root and Debian's packages slurm-wlm and munge; the machine must have no SLURM of its own.
"""

import time

import pandas as pd
import pytest
from slurm_node import SlurmNode, ask, why_not
from workplace import ROOT, Workplace, kill

STARS = 80
STAGE = {"set": "stars", "batch": 16, "optimiser": {"adam": {"learning_rate": 0.003}}}
RECIPE = {
    "seed": 5,
    "labels": ["teff", "logg", "feh"],
    "wavelength": {"arms": [{"start": 5160, "stop": 5190, "step": 0.2}], "medium": "air"},
    "datasets": {
        "survey": {
            "kind": "survey",
            "reader": "linear_1d",
            "files": "spectra/*.fits",
            "catalogue": {"file": "survey.fits"},
            "shard_size": STARS // 2,
            "simulate": {
                "grid": "fgk_mgb",
                "stars": STARS,
                "arms": [{"name": "A", "start": 5155, "stop": 5195, "step": 0.1, "resolution": [10000, 12000]}],
            },
            "prepare": [{"rest_frame": {}}, {"resample": {}}, {"normalise": {"asymmetric_clip": {}}}],
        }
    },
    "sets": {"stars": {"from": "survey", "split": {"validation": 0.2, "calibration": 0.2, "test": 0.1}}},
    "models": {
        "cnn": {
            "network": {"conv": {"filters": [4], "kernel": 8, "strides": [2], "dense": [16]}},
            "head": {"gaussian": {}},
            "members": 2,
            "stages": [
                STAGE | {"name": "first", "epochs": 4},
                STAGE | {"name": "second", "epochs": 2, "start_from": "first"},
            ],
        }
    },
    "predict": [{"model": "cnn", "dataset": "survey"}, {"model": "cnn", "dataset": "stars-test"}],
    "validate": ["residuals", "losses"],
}
SLURM = ("--profile", "profiles/slurm", "--slurm-status-command", "squeue")
# What a cluster's users can wait for: the first look at a job, and for its files.
SLURM += ("--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "10")
RECIPES = ROOT / "config" / "recipes"
PATIENCE = 3600  # seconds until a run counts as hanging
# Job arrays go with no limit of Snakemake's: see docs/clusters.md.
ARRAYS = ("--slurm-array-jobs", "train_member", "--jobs", "unlimited", "--max-jobs-per-timespan", "100000/1s")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    reason = why_not()
    if reason:
        pytest.skip(f"no SLURM can be brought up: {reason}")
    pytest.importorskip("snakemake_executor_plugin_slurm")
    with SlurmNode(tmp_path_factory.mktemp("node")) as node:
        yield node


def make_place(folder) -> Workplace:
    place = Workplace(folder, patience=PATIENCE)
    place.add_recipe("small", RECIPE)
    return place


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A workplace in which the recipe has been run on this machine, without SLURM."""
    place = make_place(tmp_path_factory.mktemp("local"))
    status, output = place.run(recipes="small")
    assert status == 0, output
    return place


@pytest.fixture(scope="module")
def remote(node, tmp_path_factory):
    """A workplace in which the recipe has been run on the node."""
    place = make_place(tmp_path_factory.mktemp("remote"))
    status, output = place.run(*SLURM, recipes="small")
    assert status == 0, output
    return place


def assert_same(place, other):
    """Labels and catalogues are the same to the last bit, and every spectrum is in them."""
    files = sorted(path.relative_to(other.folder) for path in other.folder.glob("results/small/predict/**/*.parquet"))
    assert len(files) >= 8
    for path in files:
        found, expected = (pd.read_parquet(each.folder / path) for each in (place, other))
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert len(pd.read_parquet(place.folder / "results/small/predict/catalogue/cnn/survey.parquet")) == STARS


def times_of(place) -> dict:
    """When each of the files that jobs have made was last written."""
    paths = [path for path in place.folder.glob("results/small/**/*") if path.is_file() and path.suffix != ".log"]
    return {path: path.stat().st_mtime_ns for path in paths}


def wait_for(process, condition) -> None:
    started = time.monotonic()
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() - started < PATIENCE
        time.sleep(0.5)


def submissions(place, rule: str = "", state: str = "all") -> list[dict]:
    """What SLURM knows of the jobs of a workplace: of all, or of one rule or group, in any state, or in one."""
    fields = {"number": "%i", "comment": "%k", "folder": "%Z", "memory": "%m", "cores": "%C", "limit": "%l"}
    answer = ask(
        "squeue", "--noheader", "--array", "--sort=i", f"--states={state}", f"--format={'|'.join(fields.values())}"
    )
    rows = [dict(zip(fields, row.split("|"), strict=True)) for row in answer.splitlines()]
    return [row for row in rows if row["folder"] == str(place.folder) and row["comment"].startswith(f"rule_{rule}")]


@pytest.mark.parametrize("recipe", ["demo", *sorted(path.stem for path in RECIPES.glob("*_mock.yaml"))])
def test_no_group_of_jobs_waits_for_itself(recipe, tmp_path):
    pytest.importorskip("snakemake_executor_plugin_slurm")
    assert Workplace(tmp_path).count_jobs("--profile", "profiles/slurm", recipes=recipe)


def test_a_cluster_gives_the_same_catalogue_to_the_last_bit(local, remote):
    assert_same(remote, local)
    assert (remote.folder / "results" / "small" / "report.html").exists()
    assert remote.count_jobs(*SLURM, recipes="small") == {}


def test_small_jobs_are_submitted_together(remote):
    """Two shards are prepared by one submission, with the memory and the core of one, and twice the time."""
    rows = submissions(remote, "preparation")
    assert [(row["memory"], row["cores"], row["limit"]) for row in rows] == [("2000M", "1", "30:00")]
    assert len(submissions(remote)) < 30


def test_a_run_outlives_the_node(node, local, tmp_path):
    place = make_place(tmp_path)
    process = place.start(*SLURM, recipes="small")
    try:
        wait_for(process, lambda: submissions(place, "train_member", "running"))
        finished = times_of(place)
        node.vanish()
        node.wait_for("down", "down*")
        node.come_back()
        output, _ = process.communicate(timeout=PATIENCE)
    except BaseException:
        kill(process)
        raise
    assert process.returncode == 0, output
    assert_same(place, local)
    now = times_of(place)
    assert len(finished) > 10
    assert {path: now[path] for path in finished if path.exists()} == finished


def test_a_job_is_tried_again_with_more_memory(remote):
    target = "results/small/train/networks/cnn.json"
    resources = ("--set-resources", "describe_network:mem_mb=150 if attempt == 1 else 3000")
    status, output = remote.run(*SLURM, target, *resources, recipes="small")
    assert status == 0, output
    assert "Trying to restart job" in output
    assert [row["memory"] for row in submissions(remote, "describe_network")] == ["150M", "3000M"]
    assert (remote.folder / target).exists()


def test_members_are_one_job_array(remote):
    members = [f"results/small/train/models/cnn/second/{member}.keras" for member in range(2)]
    for member in members:
        (remote.folder / member).unlink()
    before = {row["number"] for row in submissions(remote)}
    status, output = remote.run(*SLURM, *ARRAYS, *members, recipes="small")
    assert status == 0, output
    tasks = [row["number"] for row in submissions(remote, "train_member") if row["number"] not in before]
    [number] = {task.split("_")[0] for task in tasks}
    assert sorted(tasks) == [f"{number}_1", f"{number}_2"]
    assert all((remote.folder / member).exists() for member in members)

"""The profile for SLURM names rules that exist, and groups all small ones."""

import re

import pytest
import yaml
from workplace import ROOT

ALONE = {"write_report", "measure_sensitivity", "map_embedding"}  # after all others, and long ones


def rules_of(pattern):
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "rules").glob(pattern))]
    return {rule for text in texts for rule in re.findall(r"^rule (\w+):", text, re.MULTILINE)}


@pytest.fixture(scope="module")
def profile():
    return yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", ["groups", "set-resources"])
def test_the_rules_of_the_profile_exist(profile, key):
    assert profile[key].keys() <= rules_of("*.smk")


def test_every_rule_of_validation_is_grouped(profile):
    grouped = {rule for rule, group in profile["groups"].items() if group == "validation"}
    assert grouped == rules_of("validate*.smk") - ALONE


def test_groups_have_a_size(profile):
    assert set(profile["groups"].values()) == profile["group-components"].keys()


def test_memory_and_time_grow_with_every_attempt(profile):
    for resources in [profile["default-resources"], *profile["set-resources"].values()]:
        for name in resources.keys() & {"mem_mb", "runtime"}:
            assert re.fullmatch(r"\d+ \* attempt", resources[name])

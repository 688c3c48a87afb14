"""What SECURITY.md says of files that others wrote, where no test of their own package has it."""

import re

import keras
import pytest
from rule_files import ROOT
from tiny_recipe import message

from spectrolabe.train.members import load_member


def test_a_network_that_holds_code_is_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda flux: 2 * flux)]).save(tmp_path / "member.keras")
    with pytest.raises(ValueError, match=r"member\.keras: expected a \.keras model") as refused:
        load_member(tmp_path / "member.keras")
    assert "Python lambda" in str(refused.value.__cause__)


def test_a_recipe_that_asks_for_an_object_is_refused(tmp_path):
    text = f"seed: !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\n"
    assert "not readable as YAML" in message(tmp_path, text)
    assert not (tmp_path / "made").exists()


def test_addresses_that_come_with_the_workflow_are_encrypted():
    folders = (ROOT / "config", ROOT / "workflow", ROOT / "resources")
    texts = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".smk", ".yaml", ".tsv", ".csv"}
    ]
    assert texts
    found = [f"{path}: {address}" for path in texts for address in re.findall(r"\bhttp://\S+", path.read_text())]
    assert found == []

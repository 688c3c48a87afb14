"""Settings files that stand for more than a machine holds, or for nothing that is settings, end in one sentence."""

import pytest
from tiny_recipe import TINY, changed, message

from spectrolabe.recipe import RecipeError, load_recipe

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 9)
)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BOMB, "found more; expected at most 100000 values in all, and 30 lists or mappings within one another"),
        ("a: &a\n  b: *a\n", "found more; expected at most 100000 values in all, and 30 lists .*"),
        ("a: " + "[" * 40 + "]" * 40, r"key 'a\[0\]\[0\]': found more; expected at most 100000 values in all, .*"),
        ("a: " + "[" * 2000 + "]" * 2000, ".*x.yaml: found lists or mappings within one another without end"),
        ("labels: [" + "x, " * 2001 + "]", "key 'labels': found 2001 entries; expected at most 2000"),
        ("seed: 1\n" + "#" * 300_000, ".*x.yaml: found 300008 bytes; expected at most 300000"),
        ("1: 2\n", "found the key 1; expected keys that are text"),
        ("labels:\n  null: 2\n", "key 'labels': found the key None; expected keys that are text"),
        ("seed: 2026-13-45\n", ".*x.yaml: not readable as YAML: month must be in 1..12"),
    ],
)
def test_what_is_too_large_or_too_deep_is_told(folder, text, sentence):
    (folder / "x.yaml").write_text(text)
    with pytest.raises(RecipeError, match=rf"^recipe 'x': (key '[a8]\w*.*': )?{sentence}$"):
        load_recipe("x", folder)


def test_numbers_beyond_all_calculation_are_none(folder):
    assert message(folder, changed({"seed": 10**400})).startswith("recipe 'x': key 'seed': found 1000000")


def test_a_value_of_several_lines_is_told_in_one(folder):
    assert "\n" not in message(folder, TINY | {"labels": "te\nff"})

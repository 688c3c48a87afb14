"""Five hundred damaged recipes, made of those in config/recipes: a minute.

However a recipe is damaged, it is loaded or ends in one sentence that names it, within seconds.
"""

import copy
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from spectrolabe.recipe import RecipeError, load_recipe

CONFIG = Path(__file__).resolve().parents[2] / "config"
RECIPES = sorted(path.stem for path in (CONFIG / "recipes").glob("*.yaml"))
MUTATIONS = 500  # of all recipes together
LONGEST = 5.0  # seconds of processor time
VALUES = (
    None, -1, 0, 1, -0.5, 1e300, float("nan"), float("inf"), 10**400, True, "", "x", "../../etc/passwd", "a\nb",
    "\u0000", [], {}, [[]], [None], {"": 1}, {1: 2}, {None: None}, [1, 2, 3], ["a", "a"], "9" * 5000, [5, 1],
    {"x": {"x": {}}},
)  # fmt: skip
#: Text that is no recipe, or one that means more than it says.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 9)
)
TEXTS = (
    b"", b"x", b"{", b"- 1\n- 2\n", b"\tseed: 1\n", b"\xff\xfe\x00bad", b"seed: 1\nseed: 2\n", b"a: &a\n  b: *a\n",
    BOMB.encode(), b"[" * 5000, b"a: " + b"{a: " * 3000, b"? [1, 2]\n: 3\n", b"---\na: 1\n---\nb: 2\n", b"1: 2\n",
    b"seed: !!python/object/apply:os.system ['true']\n", b"extends: x\n", b"extends: [demo]\n", b"extends: {a: 1}\n",
    b"<<: 1\n", b"<<: [*a]\n", b"seed: 0x\n", b"seed: 1:99:99\n", b"seed: 2026-13-45\n", b"seed: 2026-02-30\n",
    b"seed: " + b"9" * 5000 + b"\n", b"labels: !!set {a, b}\n", b"labels: !!binary x\n",
    b"seed: 1\n" + b"#" * 10**7,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config" / "recipes"


def places(value, path=()):
    """Give the paths of all keys and entries of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


def mutate(document, rng):
    """Damage a recipe in one place."""
    document = copy.deepcopy(document)
    paths = list(places(document))
    path = paths[rng.integers(len(paths))]
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    key, kind = path[-1], rng.integers(8)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, dict):
        parent[str(key)[::-1] + "x"] = parent.pop(key)
    elif kind == 2:
        parent[key] = [parent[key]] * int(rng.choice([2, 3000]))
    elif kind == 3:
        parent[key] = {"a": parent[key]}
    elif kind == 4:
        for _ in range(60):
            parent[key] = {"a": parent[key]} if rng.random() < 0.5 else [parent[key]]
    elif kind == 5 and isinstance(parent[key], int | float) and not isinstance(parent[key], bool):
        parent[key] = -parent[key] if rng.random() < 0.5 else parent[key] * 1e6
    else:
        parent[key] = VALUES[rng.integers(len(VALUES))]
    return document


def check(name, folder):
    """Load a recipe; give the sentence that it ends in, if it does."""
    began = time.process_time()
    try:
        load_recipe(name, folder)
        return None
    except RecipeError as error:
        sentence = str(error)
        assert name in sentence
        assert "\n" not in sentence
        assert len(sentence) < 3000
        return sentence
    finally:
        assert time.process_time() - began < LONGEST


def test_damaged_recipes_end_in_a_sentence(folder):
    rng = np.random.default_rng(21)
    documents = {name: yaml.safe_load((folder / f"{name}.yaml").read_text()) for name in RECIPES}
    sentences = 0
    for number in range(MUTATIONS):
        name = RECIPES[number % len(RECIPES)]
        document = documents[name]
        for _ in range(rng.integers(1, 4)):
            document = mutate(document, rng) if document else document
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        sentences += check(name, folder) is not None
        shutil.copy(CONFIG / "recipes" / f"{name}.yaml", folder)
    assert sentences > MUTATIONS / 2


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts_that_are_no_recipe_end_in_a_sentence(folder, text):
    (folder / "x.yaml").write_bytes(text)
    assert check("x", folder)


def test_a_recipe_within_a_recipe_many_times_ends_in_a_sentence(folder):
    whole = (folder / "demo.yaml").read_text()
    (folder / "x.yaml").write_text(f"{whole}\n{BOMB}")
    assert check("x", folder)
    (folder / "x.yaml").write_text(whole.replace("labels:", "labels: &again [*again]\nxlabels:", 1))
    assert check("x", folder)


def test_bytes_that_flip_end_in_a_sentence(folder):
    rng = np.random.default_rng(22)
    whole = (CONFIG / "recipes" / "demo.yaml").read_bytes()
    for _ in range(100):
        changed = np.frombuffer(whole, np.uint8).copy()
        changed[rng.integers(0, len(whole), rng.integers(1, 10))] ^= np.uint8(1 << rng.integers(0, 8))
        (folder / "x.yaml").write_bytes(changed.tobytes())
        check("x", folder)

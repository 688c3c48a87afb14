"""Settings of synthetic grids: defaults, and the sentence that each mistake ends in."""

from pathlib import Path

import pytest
import yaml

from spectrolabe.recipe import RecipeError, load_grid_settings

ROOT = Path(__file__).resolve().parents[2]
GRID = yaml.safe_load("""
atmospheres: marcs
lines: gaia_eso_atoms
wavelength: {start: 5130, stop: 5370, velocity_step: 1.6, resolution: 80000}
labels: {teff: [4000, 7000], logg: [0, 5], feh: [-2, 0.5]}
vmic: {constant: 1.15, teff: [0.35, 0.25], logg: -0.3, range: [0.8, 2.2]}
spectra: 8
""")


def write(folder: Path, settings: dict) -> None:
    (folder / "g.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "grids").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_grid_is_accepted(path):
    assert load_grid_settings(path.stem, path.parent)["spectra"] > 0


def test_grid_settings_get_their_defaults(tmp_path):
    write(tmp_path, GRID)
    settings = load_grid_settings("g", tmp_path)
    assert (settings["seed"], settings["shards"], settings["vmic"]["scatter"]) == (1, 1, 0)
    assert list(settings) == sorted(settings)


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        ({"atmospheres": "phoenix"}, "key 'atmospheres': found 'phoenix'; expected one of marcs, atlas9"),
        ({"shards": 9}, "key 'shards': found 9; expected at most as many as spectra (8)"),
        ({"labels": {"teff": [1, 2], "logg": [1, 2]}}, "key 'labels.feh': found nothing; expected a list of 2 numbers"),
        ({"labels": GRID["labels"] | {"vsini": [0, 1]}},
         "key 'labels': found 'vsini'; expected a label of a grid (pattern ^(teff|logg|feh|alpha_fe|[a-z]{1,2}_fe)$)"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_grid_ends_in_one_sentence(tmp_path, difference, sentence):
    write(tmp_path, GRID | difference)
    with pytest.raises(RecipeError) as caught:
        load_grid_settings("g", tmp_path)
    assert str(caught.value) == f"grid 'g': {sentence}"


def test_an_unknown_grid_is_told_which_there_are(tmp_path):
    write(tmp_path, GRID)
    with pytest.raises(RecipeError, match=r"^grid 'h' is not in .*; available: g$"):
        load_grid_settings("h", tmp_path)

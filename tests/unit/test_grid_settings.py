"""Settings of synthetic grids: defaults, and the sentence that each mistake ends in."""

from pathlib import Path

import pytest
import yaml

from spectrolabe.acquire.readers import READERS
from spectrolabe.recipe import GRID_SCHEMA, RecipeError, list_imported_grids, load_grid_settings

ROOT = Path(__file__).resolve().parents[2]
GRID = yaml.safe_load("""
atmospheres: marcs
lines: gaia_eso_atoms
wavelength: {start: 5130, stop: 5370, velocity_step: 1.6, resolution: 80000}
labels: {teff: [4000, 7000], logg: [0, 5], feh: [-2, 0.5]}
vmic: {constant: 1.15, teff: [0.35, 0.25], logg: -0.3, range: [0.8, 2.2]}
spectra: 8
""")
IMPORT = yaml.safe_load("""
import: {reader: phoenix_hires, files: downloads/phoenix/*.fits}
wavelength: {start: 4835, stop: 5395, velocity_step: 1.6, resolution: 80000}
""")


def write(folder: Path, settings: dict) -> None:
    (folder / "g.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "grids").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_grid_is_accepted(path):
    settings = load_grid_settings(path.stem, path.parent)
    assert ("import" in settings) == (path.stem in list_imported_grids(path.parent))
    assert "import" in settings or settings["spectra"] > 0


def test_grid_settings_get_their_defaults(tmp_path):
    write(tmp_path, GRID)
    settings = load_grid_settings("g", tmp_path)
    assert (settings["seed"], settings["shards"], settings["vmic"]["scatter"]) == (1, 1, 0)
    assert list(settings) == sorted(settings)


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        ({"atmospheres": "phoenix"}, "key 'atmospheres': found 'phoenix'; expected one of marcs, atlas9"),
        ({"adjust": {"spectrum": "sun.fits", "reader": "linear1d", "labels": {}, "resolution": 47000}},
         "key 'adjust.reader': found 'linear1d'; expected one of gaia_eso, lamost_lrs, linear_1d, sdss_spec (did you "
         "mean 'linear_1d'?)"),
        ({"adjust": {"spectrum": "sun.fits", "reader": "linear_1d", "labels": {"teff": 5771}, "resolution": 47000}},
         "key 'adjust.labels.logg': found nothing; expected a number"),
        ({"shards": 9}, "key 'shards': found 9; expected at most as many as spectra (8)"),
        ({"wavelength": {"resolution": 9, "start": 5345, "velocity_step": 2}},
         "key 'wavelength': found {resolution: 9, start: 5345, velocity_step: 2}; expected either start and stop, or "
         "windows"),
        ({"wavelength": {"velocity_step": 2, "resolution": 9, "windows": [[5345, 5605], [5600, 8940]]}},
         "key 'wavelength.windows': found [5600, 8940]; expected one that begins above 5605, where the one before it "
         "ends"),
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


def test_a_grid_of_published_files_gets_its_defaults(tmp_path):
    write(tmp_path, IMPORT)
    assert load_grid_settings("g", tmp_path) == IMPORT | {"mask": []}
    assert list_imported_grids(tmp_path) == ["g"]


def test_settings_that_cannot_be_read_are_of_no_imported_grid(tmp_path):
    (tmp_path / "g.yaml").write_text("import: {reader: [")
    assert list_imported_grids(tmp_path) == []


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        ({"atmospheres": "marcs"},
         "found 'atmospheres'; expected one of import, download, resolution_native, wavelength, mask, labels"),
        ({"import": {"reader": "phoenix", "files": "*"}}, "key 'import.reader': found 'phoenix'; expected one of "
         "ambre, ferre, intrigoss, mpia_nlte, phoenix_hires (did you mean 'phoenix_hires'?)"),
        ({"import": {"reader": "ferre"}},
         "key 'import.files': found nothing; expected text or a list with an entry or more"),
        ({"wavelength": {"resolution": 8.0, "start": 9, "stop": 4, "velocity_step": 2}},
         "key 'wavelength': found {resolution: 8.0, start: 9, stop: 4, velocity_step: 2}; expected start below stop"),
        ({"labels": {"vsini": [0, 1]}},
         "key 'labels': found 'vsini'; expected a label of a published grid (pattern ^(teff|logg|feh|alpha_fe|vmic)$)"),
        ({"resolution_native": 0}, "key 'resolution_native': found 0; expected a number above 0"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_grid_of_published_files_ends_in_one_sentence(tmp_path, difference, sentence):
    write(tmp_path, IMPORT | difference)
    with pytest.raises(RecipeError) as caught:
        load_grid_settings("g", tmp_path)
    assert str(caught.value) == f"grid 'g': {sentence}"


def test_readers_of_published_grids_are_readers():
    names = GRID_SCHEMA.root["$defs"]["imported"]["properties"]["import"]["properties"]["reader"]["enum"]
    assert set(names) < set(READERS)


def test_an_unknown_grid_is_told_which_there_are(tmp_path):
    write(tmp_path, GRID)
    with pytest.raises(RecipeError, match=r"^grid 'h' is not in .*; available: g$"):
        load_grid_settings("h", tmp_path)

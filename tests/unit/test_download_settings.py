"""What a grid's settings say about downloads: defaults, and the sentence that each mistake ends in."""

import pytest
import yaml

from spectrolabe.recipe import RecipeError, load_grid_settings

GRID = {
    "import": {"reader": "phoenix_hires", "files": "downloads/g/**/lte*.fits"},
    "wavelength": {"start": 5130, "stop": 5370, "velocity_step": 1.6, "resolution": 80000},
}
BOX = {"teff": [5000, 6000], "logg": [4, 5], "feh": [-1, 0]}


def load(folder, download):
    (folder / "g.yaml").write_text(yaml.safe_dump(GRID | {"download": download}), encoding="utf-8")
    return load_grid_settings("g", folder)["download"]


def test_the_default_of_alpha_elements_is_solar_alone(tmp_path):
    assert load(tmp_path, {"phoenix": BOX}) == {"phoenix": BOX | {"alpha_fe": [-0.1, 0.1]}}
    assert load(tmp_path, {"urls": "mine.tsv"}) == {"urls": "mine.tsv"}


@pytest.mark.parametrize(
    ("download", "sentence"),
    [
        ({}, "key 'download': found no key; expected one of phoenix, urls"),
        (
            {"phoenix": BOX, "urls": "x.tsv"},
            r"key 'download': found 'phoenix' and 'urls'; expected one of phoenix, urls",
        ),
        ({"phoenix": {"teff": [5000, 6000], "logg": [4, 5]}}, "key 'download.phoenix.feh': found nothing; expected .*"),
        (
            {"phoenix": BOX | {"teff": [6000, 5000]}},
            "key 'download.phoenix.teff': .* expected the first number below .*",
        ),
        ({"phoenix": BOX | {"teff": [5010, 5090]}}, "key 'download.phoenix': .*; expected a box that holds a model .*"),
        (
            {"phoenix": BOX | {"mirror": "phoenix.org"}},
            "key 'download.phoenix.mirror': found 'phoenix.org'; expected .*",
        ),
        ({"urls": "../x.tsv"}, "key 'download.urls': found '../x.tsv'; expected .*"),
    ],
)
def test_a_mistake_ends_in_one_sentence(tmp_path, download, sentence):
    with pytest.raises(RecipeError, match=rf"^grid 'g': {sentence}$"):
        load(tmp_path, download)

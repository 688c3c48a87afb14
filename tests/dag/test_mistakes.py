"""A user's mistake ends in one sentence, before any job is planned."""

import pytest
from workplace import Workplace


def sentence_of(place, **options):
    """The one line that Snakemake prints between the kind of the error and where it was raised."""
    status, output = place.run("--dry-run", **options)
    assert status == 1
    assert "Building DAG" not in output
    lines = output.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("WorkflowError"))
    assert lines[start + 2].startswith('  File "'), "the message is one line"
    return lines[start + 1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("recipe: demo", "config: found 'recipe'; expected one of recipes, data (did you mean 'recipes'?)"),
        ("data: data/", "config: key 'recipes': found nothing; expected a value: config/config.yaml shows one"),
        ("{recipes: [demo], data: }", "config: key 'data': found nothing; expected a folder, as in data=./my_spectra"),
    ],
)
def test_a_wrong_configuration(tmp_path, text, sentence):
    place = Workplace(tmp_path)
    (place.folder / "config" / "config.yaml").write_text(text)
    assert sentence_of(place) == sentence


def test_an_unknown_recipe(place):
    sentence = sentence_of(place, recipes="dem")
    available = ", ".join(sorted(path.stem for path in (place.folder / "config" / "recipes").glob("*.yaml")))
    assert sentence == f"recipe 'dem' is not in config/recipes; available: {available}"


def test_a_misspelt_key(place):
    place.add_recipe("misspelt", {"extends": "demo", "lables": ["teff"]})
    try:
        sentence = sentence_of(place, recipes="misspelt")
    finally:
        (place.folder / "config" / "recipes" / "misspelt.yaml").unlink()
    assert sentence.startswith("recipe 'misspelt': found 'lables'; expected one of ")
    assert sentence.endswith("(did you mean 'labels'?)")


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_spectra(place, tmp_path, folder):
    (tmp_path / "empty").mkdir()
    sentence = sentence_of(place, recipes="benchmark_stars", data=tmp_path / folder)
    assert sentence == (
        "recipe 'benchmark_stars': key 'datasets.survey.files': no file matches"
        f" {tmp_path / folder}/benchmark_stars/*.fits; set the folder by data=FOLDER"
    )


def test_a_missing_table_of_labels(place, tmp_path):
    (tmp_path / "lamost_dr1").mkdir()
    (tmp_path / "lamost_dr1" / "star.fits").touch()
    sentence = sentence_of(place, recipes="lamost_dr1", data=tmp_path)
    table = f"{tmp_path}/lamost_dr1/labels.csv"
    assert sentence == f"recipe 'lamost_dr1': key 'datasets.survey.catalogue.file': there is no file {table}"

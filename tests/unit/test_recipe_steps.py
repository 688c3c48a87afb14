"""What steps take from tables, and what they need from other jobs."""

import pytest
from tiny_recipe import TINY, changed, load

from spectrolabe.recipe_files import RecipeError
from spectrolabe.recipe_steps import check_products, list_products, read_ranges
from spectrolabe.spectra.wavelength import doppler


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


def continuum(folder, **options):
    steps = [{"resample": {}}, {"normalise": {"asymmetric_clip": options}}]
    prepare = load(folder, changed({"datasets.survey.prepare": steps}))["datasets"]["survey"]["prepare"]
    return prepare[1]["normalise"]["asymmetric_clip"]


def test_a_table_becomes_its_ranges_in_air(folder):
    mask = [{"mask_pixels": {"table": "telluric_bands"}}]
    recipe = load(folder, changed({"sets.synthetic.on_the_fly": mask, "wavelength.medium": "vacuum"}))
    ((name, options),) = recipe["sets"]["synthetic"]["on_the_fly"][0].items()
    assert (name, set(options), options["medium"]) == ("mask_pixels", {"ranges", "medium"}, "air")
    assert [6866.0, 6960.0] in options["ranges"]


def test_strong_lines_are_widened_by_a_velocity(folder):
    narrow, wide = (continuum(folder, strong_lines="strong_lines", widen=velocity) for velocity in (0, 150))
    assert set(wide) == {"segment", "low", "high", "mask", "medium"}
    assert [4846.0, 4876.0] in narrow["mask"]
    low, high = wide["mask"][narrow["mask"].index([4846.0, 4876.0])]
    # 150 km/s at 4861 angstrom are 2.43 angstrom.
    assert low == pytest.approx(4846 - 2.424, abs=0.001)
    assert low == pytest.approx(4846 / doppler(150), rel=1e-12)
    assert high == pytest.approx(4876 * doppler(150), rel=1e-12)
    assert wide["medium"] == "air"


def test_a_mask_of_ones_own_is_widened_too(folder):
    assert continuum(folder, mask=[[5001, 5002]], widen=0)["mask"] == [[5001, 5002]]
    assert continuum(folder, mask=[[5001, 5002]], widen=30)["mask"][0] == pytest.approx(
        [5000.4996, 5002.5006], abs=1e-4
    )


@pytest.mark.parametrize("name", ["telluric_bands", "strong_lines"])
def test_shipped_tables_ascend(name):
    ranges = read_ranges("recipe 'x'", [], name)
    assert ranges == sorted(ranges)


def test_a_row_that_is_no_range_is_named(tmp_path):
    (tmp_path / "mine.csv").write_text("start,stop\n5000,5001\n5003,5002\n")
    with pytest.raises(
        RecipeError, match=r"recipe 'x': .*mine\.csv, line 3: found start '5003' and stop '5002'; expec"
    ):
        read_ranges("recipe 'x'", ["a"], "mine", tmp_path)
    (tmp_path / "mine.csv").write_text("start,stop\n5000\n")
    with pytest.raises(RecipeError, match="line 2: found start '5000' and stop nothing; expected two rising numbers"):
        read_ranges("recipe 'x'", ["a"], "mine", tmp_path)


def test_nodes_need_neither_stars_nor_ranges_and_have_labels_known_later(folder):
    nodes = {"from": "nodes", "copies": 20, "steps": [{"resample": {}}]}
    recipe = load(folder, changed({"sets.synthetic": nodes, "labels": ["teff", "logg", "mg_fe"]}))
    assert "ranges" not in recipe["sets"]["synthetic"]
    assert recipe["sets"]["synthetic"]["shard_size"] == 5000
    assert recipe["sets"]["synthetic"]["on_the_fly"] == []


def test_products_are_named_once(folder):
    steps = [
        {"mask_pixels": {"learned": "sun"}},
        {"find_velocity": {"templates": "giants"}},
        {"mask_pixels": {"ranges": [[1, 2]]}},
        {"mask_pixels": {"learned": "sun"}},
    ]
    assert list_products(steps) == {"masks": ["sun"], "templates": ["giants"]}


def test_templates_may_serve_others(folder):
    served = [{"resample": {}}, {"find_velocity": {"templates": "templates"}}]
    templates = TINY["sets"]["synthetic"] | {"steps": [{"resample": {}}]}
    recipe = load(
        folder,
        changed({"sets.templates": templates, "datasets.survey.prepare": served, "sets.more": {"from": "survey"}}),
    )
    assert recipe["datasets"]["survey"]["prepare"][1] == {"find_velocity": {"max": 200, "templates": "templates"}}


def test_a_survey_whose_own_set_gives_its_templates_is_a_cycle():
    recipe = {
        "datasets": {"survey": {"prepare": [{"find_velocity": {"templates": "observed"}}]}},
        "sets": {"observed": {"from": "survey", "steps": [], "on_the_fly": []}},
        "masks": {"sun": {"steps": []}},
    }
    with pytest.raises(RecipeError, match=r"found the cycle datasets.survey -> sets.observed -> datasets.survey; exp"):
        check_products("recipe 'x'", recipe)
    recipe["datasets"]["survey"]["prepare"] = [{"mask_pixels": {"learned": "sun"}}]
    check_products("recipe 'x'", recipe)
    recipe["masks"]["sun"]["steps"] = [{"mask_pixels": {"learned": "sun"}}]
    with pytest.raises(RecipeError, match=r"key 'masks.sun': found the cycle masks.sun -> masks.sun"):
        check_products("recipe 'x'", recipe)


def test_a_mask_and_a_set_of_one_name_are_refused():
    recipe = {"datasets": {}, "sets": {"sun": {"from": "survey"}}, "masks": {"sun": {}}}
    with pytest.raises(RecipeError, match=r"key 'masks.sun': found the name of a set; expected another name"):
        check_products("recipe 'x'", recipe)

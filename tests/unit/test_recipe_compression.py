"""What compressed sets need of models and steps is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

COMPRESSED = {"sets.synthetic.compress": {"components": 50}}
PCA_CONV = {"models.cnn.network": {"pca_conv": {}}}
OTHER = {
    "from": "nodes",
    "stars": 9,
    "ranges": {"teff": [4000, 6000], "logg": [1, 5]},
    "steps": [{"rotate": {"max": 9}}, {"resample": {}}],
}


@pytest.mark.parametrize("compress", [{"components": 50}, {"error": 0.005}])
def test_a_set_is_compressed_by_a_number_or_an_error(tmp_path, compress):
    recipe = load(tmp_path, changed(PCA_CONV | {"sets.synthetic.compress": compress, "validate": ["components"]}))
    assert recipe["sets"]["synthetic"]["compress"] == compress
    assert "components" not in recipe["models"]["cnn"]["network"]["pca_conv"]


def test_another_way_of_compression_replaces_the_first(tmp_path):
    sets = {"sets.finer": {"extends": "synthetic", "compress": {"error": 0.001}}}
    recipe = load(tmp_path, changed(COMPRESSED | sets))
    assert recipe["sets"]["finer"]["compress"] == {"error": 0.001}
    sets = {"sets.plain": {"extends": "synthetic", "compress": None}}
    assert "compress" not in load(tmp_path, changed(COMPRESSED | sets))["sets"]["plain"]


def test_without_compression_a_network_of_components_learns_its_own(tmp_path):
    recipe = load(tmp_path, changed({"models.cnn.network": {"pca_conv": {"components": 20}}}))
    assert recipe["models"]["cnn"]["network"]["pca_conv"]["components"] == 20


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"sets.synthetic.compress": {"components": 50, "error": 0.1}},
            "key 'sets.synthetic.compress': found 'components' and 'error'; expected one of components, error",
        ),
        (
            {"sets.synthetic.compress": {"components": 0}},
            "key 'sets.synthetic.compress.components': found 0; expected a whole number of at least 1",
        ),
        (
            {"sets.synthetic.compress": {"error": 1}},
            "key 'sets.synthetic.compress.error': found 1; expected a number above 0 and below 1",
        ),
        (
            COMPRESSED | {"sets.synthetic.on_the_fly": [{"zero_pixels": {}}]},
            "key 'sets.synthetic.on_the_fly[0]': found 'zero_pixels'; expected add_noise: networks meet"
            " coefficients, which others cannot change (steps can have them)",
        ),
        (
            PCA_CONV,
            "key 'models.cnn.network.pca_conv.components': found nothing; expected a number, or compress in the set"
            " 'synthetic'",
        ),
        (
            COMPRESSED | {"models.cnn.network": {"pca_conv": {"components": 20}}},
            "key 'models.cnn.network.pca_conv.components': found 20; expected no such key, since the set 'synthetic' is"
            " compressed",
        ),
        (
            COMPRESSED
            | {
                "sets.other": OTHER,
                "models.cnn.stages": [
                    {"name": "train", "set": "synthetic", "epochs": 1},
                    {"name": "tune", "set": "other", "epochs": 1, "start_from": "train"},
                ],
            },
            "key 'models.cnn.stages[1].set': found 'other'; expected 'synthetic', as in the first stage: coefficients"
            " of two sets do not mean the same",
        ),
        (
            {"validate": ["components"]},
            "key 'validate': found 'components' without a compressed set; expected a set with compress, or no"
            " components in validate",
        ),
    ],
)
def test_a_wrong_compression(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"

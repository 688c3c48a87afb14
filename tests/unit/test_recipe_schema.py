"""The schemas of settings files: strict, explained, and in step with the tables of the code and with the manual."""

import inspect
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from spectrolabe.recipe import GRID_SCHEMA, RECIPE_SCHEMA

ROOT = Path(__file__).resolve().parents[2]


def parts_of(schema: dict):
    """Every (path, key, part) of the properties that a schema names."""

    def walk(node, path):
        if isinstance(node, dict):
            for key, part in node.get("properties", {}).items():
                if "if" not in path:
                    yield f"{path}.{key}", key, part
            for key, child in node.items():
                yield from walk(child, f"{path}.{key}" if key != "if" else "if")
        elif isinstance(node, list):
            for i, child in enumerate(node):
                yield from walk(child, f"{path}[{i}]")

    return list(walk(schema, ""))


@pytest.mark.parametrize("schema", [RECIPE_SCHEMA, GRID_SCHEMA], ids=["recipe", "grid"])
def test_the_schema_is_valid_strict_and_explains_every_key(schema):
    Draft202012Validator.check_schema(schema.root)
    for path, _, part in parts_of(schema.root):
        part = schema.resolve(part, None)
        assert len(part["description"]) > 3, f"{path} is not described"
        if part.get("type") == "object" and "allOf" not in part:
            assert "additionalProperties" in part, f"{path} is not strict"


@pytest.mark.parametrize("schema", [RECIPE_SCHEMA, GRID_SCHEMA], ids=["recipe", "grid"])
def test_the_schema_accepts_its_own_defaults(schema):
    for path, _, part in parts_of(schema.root):
        part = schema.resolve(part, None)
        if "default" in part:
            errors = list(Draft202012Validator(part | {"$defs": schema.root["$defs"]}).iter_errors(part["default"]))
            assert not errors, f"the default of {path} is not accepted"


def test_the_manual_explains_every_key():
    manual = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    keys = {key for schema in (RECIPE_SCHEMA, GRID_SCHEMA) for _, key, _ in parts_of(schema.root)}
    assert sorted(key for key in keys if f"`{key}`" not in manual) == []


def test_names_in_the_schema_are_those_of_the_tables():
    from spectrolabe.acquire.readers import READERS
    from spectrolabe.spectra.continuum import CONTINUA
    from spectrolabe.spectra.steps import STEPS

    assert sorted(RECIPE_SCHEMA.alternatives("reader")) == sorted(READERS)
    assert sorted(RECIPE_SCHEMA.alternatives("step")) == sorted(STEPS)
    assert sorted(RECIPE_SCHEMA.alternatives("normalise")) == sorted(CONTINUA)


def test_options_of_steps_in_the_schema_are_those_of_the_functions():
    from spectrolabe.spectra.continuum import CONTINUA
    from spectrolabe.spectra.steps import STEPS

    filled_in = {"arms", "medium"}
    # Names of tables, masks and velocities, in place of which functions get ranges.
    resolved = {"mask_pixels": {"table", "learned"}, "asymmetric_clip": {"strong_lines", "widen"}}
    functions = {"step": STEPS, "normalise": CONTINUA}
    for section, table in functions.items():
        for name, part in RECIPE_SCHEMA.root["$defs"][section]["properties"].items():
            if "$ref" not in part:
                parameters = inspect.signature(table[name]).parameters.values()
                options = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} - filled_in
                assert set(part.get("properties", {})) - resolved.get(name, set()) == options, name


def test_names_in_the_schema_are_those_of_the_training_tables():
    from spectrolabe.train.heads import HEADS, LABEL_WEIGHTS
    from spectrolabe.train.initialisers import INITIALISERS
    from spectrolabe.train.losses import LOSSES, MINING
    from spectrolabe.train.networks import NETWORKS
    from spectrolabe.train.optimisers import OPTIMISERS
    from spectrolabe.train.scaling import FLUX_SCALINGS, SCALINGS
    from spectrolabe.train.schedules import SCHEDULES, STEP_SCHEDULES
    from spectrolabe.train.solved import SOLVED

    tables = {"head": HEADS, "loss": LOSSES, "schedule": SCHEDULES | STEP_SCHEDULES, "optimiser": OPTIMISERS}
    tables |= {"initialiser": INITIALISERS, "network": NETWORKS | SOLVED}
    tables |= {"flux_scaling": FLUX_SCALINGS, "label_scaling": SCALINGS, "label_weights": LABEL_WEIGHTS}
    tables["mining"] = MINING
    for name, table in tables.items():
        assert sorted(RECIPE_SCHEMA.alternatives(name)) == sorted(table), name


def test_options_of_heads_and_schedules_in_the_schema_are_those_of_the_functions():
    from spectrolabe.train.heads import HEADS, Head
    from spectrolabe.train.schedules import SCHEDULES, STEP_SCHEDULES

    common = inspect.signature(Head).parameters
    for name, head in HEADS.items():
        part = RECIPE_SCHEMA.root["$defs"]["head"]["properties"][name]
        options = {**(common if issubclass(head, Head) else {}), **inspect.signature(head).parameters}
        options.pop("options", None)
        assert set(part["properties"]) == {*options}, name
        given = {key: option.default for key, option in options.items() if option.default is not option.empty}
        defaults = {key: {} if value is None else value for key, value in given.items()}
        defaults = {key: [*value] if isinstance(value, tuple) else value for key, value in defaults.items()}
        assert RECIPE_SCHEMA.fill_defaults({}, part) == defaults, name
    for name, schedule in (SCHEDULES | STEP_SCHEDULES).items():
        options = {p.name for p in inspect.signature(schedule).parameters.values() if p.kind is p.KEYWORD_ONLY}
        assert set(RECIPE_SCHEMA.root["$defs"]["schedule"]["properties"][name].get("properties", {})) == options, name


def test_options_of_networks_and_optimisers_in_the_schema_are_those_of_the_functions():
    from spectrolabe.train.networks import NETWORKS
    from spectrolabe.train.optimisers import OPTIMISERS
    from spectrolabe.train.solved import SOLVED

    for name, part in RECIPE_SCHEMA.root["$defs"]["network"]["properties"].items():
        parameters = inspect.signature((NETWORKS | SOLVED)[name]).parameters.values()
        options = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
        # Some are for what is built around a network, and one names its layers.
        around = {"components", "flux_scaling", "per_arm"}
        assert set(part["properties"]) - around == options - {"prefix"}, name
        defaults = {p.name: p.default for p in parameters if p.default not in (p.empty, None, "")}
        filled = RECIPE_SCHEMA.fill_defaults({}, part)
        assert {key: filled[key] for key in defaults} == defaults, name
    for name, part in RECIPE_SCHEMA.root["$defs"]["optimiser"]["properties"].items():
        rate = part["properties"]["learning_rate"]["default"]
        assert float(OPTIMISERS[name]().learning_rate) == pytest.approx(rate), name

"""The schema of settings files: what it accepts, in sentences, and the defaults that it holds."""

import copy
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from spectrolabe.recipe_files import RecipeError, fault, one_of, show

FOLDER = Path(__file__).resolve().parents[1] / "schemas"
LARGEST = sys.float_info.max  # whole numbers may be larger, which no calculation takes
NAME_PATTERN = "^[a-z][a-z0-9_]*$"
TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
BOUNDS = {
    "minimum": "of at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "of at most {}",
    "exclusiveMaximum": "below {}",
}


def _is_number(_, value) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= LARGEST


def _is_integer(_, value) -> bool:
    return isinstance(value, int) and _is_number(None, value)


def _check_ascending(validator, keys, value, schema):
    """The keyword `ascending`: true for a pair, or the two keys of a mapping."""
    if keys is True:
        pair = value if isinstance(value, list) else []
    else:
        pair = [value[key] for key in keys if key in value] if isinstance(value, dict) else []
    if len(pair) == 2 and all(_is_number(None, number) for number in pair) and not pair[0] < pair[1]:
        yield ValidationError("not ascending")


_checker = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer})
_Validator = extend(Draft202012Validator, {"ascending": _check_ascending}, type_checker=_checker)


class Schema:
    """A schema file, and what can be asked of it.

    Parameters
    ----------
    path : YAML file holding a JSON Schema (draft 2020-12) with the keyword ``ascending``.
    """

    def __init__(self, path: Path):
        self.root = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._validator = _Validator(self.root)

    def alternatives(self, name: str) -> list[str]:
        """Name what can stand for a definition of the schema: the values of an enumeration, else the keys."""
        node = self.root["$defs"][name]
        return list(node["enum"] if "enum" in node else node["properties"])

    def resolve(self, node: dict, value) -> dict:
        """Give a part of the schema as it applies to a value: references followed, conditions decided."""
        if "$ref" in node:
            target = self.root["$defs"][node["$ref"].removeprefix("#/$defs/")]
            node = target | {key: item for key, item in node.items() if key != "$ref"}
            return self.resolve(node, value)
        for clause in node.get("allOf", []):
            if self._validator.evolve(schema=clause["if"]).is_valid(value):
                chosen = self.resolve(clause["then"], value)
                own = {key: item for key, item in node.items() if key != "allOf"}
                return own | chosen | {"properties": own.get("properties", {}) | chosen.get("properties", {})}
        return node

    def child(self, node: dict, key) -> dict:
        """Give the part of the schema under a key of a resolved mapping; an empty one where the key is unknown."""
        others = node.get("additionalProperties")
        return node.get("properties", {}).get(key) or (others if isinstance(others, dict) else {})

    def check(self, owner: str, document: dict) -> None:
        """Refuse a document that the schema does not accept.

        Raises
        ------
        RecipeError
            For the first fault; unknown keys come first, since a misspelt key is also a missing one.
        """
        ranks = {"additionalProperties": 0, "required": 2}
        errors = list(self._validator.iter_errors(document))
        if errors:
            first = min(errors, key=lambda error: (ranks.get(error.validator, 1), len(error.absolute_path)))
            raise _sentence(self, owner, first)

    def check_part(self, owner: str, key: list, value, node: dict) -> None:
        """Refuse a value that a part of the schema does not accept; ``key`` is the path that messages name.

        Raises
        ------
        RecipeError
            For the first fault.
        """
        for error in self._validator.evolve(schema=self.resolve(node, value)).iter_errors(value):
            raise _sentence(self, owner, error, key)

    def fill_defaults(self, value, node: dict | None = None):
        """Give the document with every default that it leaves out, within lists and alternatives too."""
        node = self.resolve(self.root if node is None else node, value)
        if isinstance(value, list):
            return [self.fill_defaults(item, node.get("items", {})) for item in value]
        if not isinstance(value, dict):
            return value
        filled = dict(value)
        for key, part in node.get("properties", {}).items():
            part = self.resolve(part, None)
            if key not in filled and "default" in part:
                filled[key] = copy.deepcopy(part["default"])
        return {key: self.fill_defaults(item, self.child(node, key)) for key, item in filled.items()}


def has_alternatives(node: dict) -> bool:
    """Say whether a mapping's one key names an alternative."""
    return node.get("maxProperties") == 1


def _sentence(schema: Schema, owner: str, error: ValidationError, above: Sequence[str | int] = ()) -> RecipeError:
    """Turn the validator's error into our sentence; ``above`` is the path to what was checked."""
    key, value, node = [*above, *error.absolute_path], error.instance, error.schema
    known = node.get("properties", {})
    if error.validator == "additionalProperties":
        unknown = next(name for name in value if name not in known)
        return fault(owner, key, show(unknown), one_of(known, unknown) if known else "no keys here")
    if error.validator == "required":
        missing = next(name for name in node["required"] if name not in value)
        return fault(owner, [*key, missing], "nothing", _expectation(schema.resolve(schema.child(node, missing), None)))
    if error.validator in ("minProperties", "maxProperties") and has_alternatives(node):
        found = " and ".join(map(show, value)) or "no key"
        return fault(owner, key, found, one_of(known))
    if error.validator == "ascending":
        first, second = ("the first number", "the second") if error.validator_value is True else error.validator_value
        return fault(owner, key, show(value), f"{first} below {second}")
    if error.validator == "uniqueItems":
        repeated = next(item for i, item in enumerate(value) if item in value[:i])
        return fault(owner, key, f"{show(repeated)} twice", "every entry once")
    return fault(owner, key, show(value), _expectation(node, value))


def _expectation(node: dict, found=None) -> str:
    """Say in words what a part of the schema accepts."""
    if "enum" in node:
        return one_of(node["enum"], found)
    if has_alternatives(node):
        return f"a mapping with one key, {one_of(node['properties'])}"
    if node.get("pattern") == NAME_PATTERN:
        return "a name of small letters, digits and _ that begins with a letter"
    if "pattern" in node:
        return f"{node['description'].rstrip('.').lower()} (pattern {node['pattern']})"
    types = node["type"]
    words = " or ".join(TYPES[name] for name in ([types] if isinstance(types, str) else types))
    bounds = [text.format(node[bound]) for bound, text in BOUNDS.items() if bound in node]
    return " ".join([words, " and ".join(bounds) or _size(node)]).rstrip()


def _size(node: dict) -> str:
    """Say in words how many entries a part of the schema accepts."""
    if "maxItems" in node:
        return f"of {node['maxItems']} numbers"
    if "minItems" in node or "minProperties" in node:
        return "with an entry or more"
    if "minLength" in node:
        return "that is not empty"
    if node["type"] == "object" and "required" not in node:
        return "({} for all defaults)"
    return ""

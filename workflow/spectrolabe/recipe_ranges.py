"""Ranges that the studies of a recipe draw settings from: of settings that are numbers, in joint searches alone."""

from spectrolabe.recipe_files import fault, show
from spectrolabe.recipe_schema import Schema
from spectrolabe.train.ranges import is_reached

NUMBERS = ("integer", "number")


def read_range(owner: str, schema: Schema, key: list, span: dict, node: dict, method: str) -> dict:
    """Give a range as `spectrolabe.train.ranges` knows it, with ``whole``.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    key : the path of the setting that varies, whose last part is its name.
    span : ``from``, ``to``, ``law`` and, where not all numbers between are meant, ``step``.
    node : what the schema accepts as a value of the setting.
    method : of the study.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    kind = schema.resolve(node, None).get("type")
    if kind not in NUMBERS:
        raise fault(owner, key, show(span), f"a list of values, since {key[-1]} is no number")
    if method != "joint":
        raise fault(owner, key, show(span), f"a list of values: from a range the method joint draws, {method} cannot")
    for bound in ("from", "to"):
        schema.check_part(owner, [*key, bound], span[bound], node)
    if span["law"] == "log":
        if span["from"] <= 0:
            raise fault(owner, [*key, "from"], show(span["from"]), "a number above 0, where the law is log")
        if "step" in span:
            raise fault(owner, [*key, "step"], show(span["step"]), "no step where the law is log")
    if kind == "integer" and not isinstance(span.get("step", 1), int):
        raise fault(owner, [*key, "step"], show(span["step"]), f"a whole number, as {key[-1]} is")
    if not is_reached(span, span["to"]):
        expected = f"a number that steps of {show(span['step'])} from {show(span['from'])} come upon"
        raise fault(owner, [*key, "to"], show(span["to"]), expected)
    return span | {"whole": kind == "integer"}

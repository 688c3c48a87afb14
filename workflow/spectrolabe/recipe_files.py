"""Settings files as their authors wrote them: YAML read strictly, every mistake told in one sentence."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

WIDEST = 60  # characters of a wrong value that a message repeats
#: Largest settings: bytes of a file, values in all, entries of one list, lists and mappings within one another. A few
#: lines of YAML can otherwise stand for more than a machine holds.
MOST_BYTES, MOST_VALUES, MOST_ENTRIES, DEEPEST = 300_000, 100_000, 2000, 30


class RecipeError(ValueError):
    """What is wrong with a recipe, in one sentence: its name, the key, what was found and what would be accepted."""


class _StrictLoader(yaml.SafeLoader):
    """YAML whose repeated keys are errors, and which takes 1e-3 for a number as YAML 1.2 does."""

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"the key '{key.value}' appears twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return node


_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_settings(owner: str, path: Path) -> dict:
    """Read one settings file as a mapping.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    path : the YAML file.

    Raises
    ------
    RecipeError
        Where the file is not UTF-8, not YAML, not a mapping at its top level, too large, or has keys that are no text.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise RecipeError(f"{owner}: {path}: found {size} bytes; expected at most {MOST_BYTES}")
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise RecipeError(f"{owner}: {path}{line}: not readable as YAML: {error.problem}") from error
    except RecursionError as error:
        raise RecipeError(f"{owner}: {path}: found lists or mappings within one another without end") from error
    # Of what its own types cannot hold, such as a thirteenth month, the YAML library says so by errors of all kinds.
    except Exception as error:
        reason = getattr(error, "reason", None) or (str(error).splitlines() or [type(error).__name__])[0]
        raise RecipeError(f"{owner}: {path}: not readable as YAML: {reason}") from error
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise RecipeError(f"{owner}: {path}: found {show(document)}; expected keys with values")
    _check_extent(owner, document)
    return document


def _check_extent(owner: str, document: dict) -> None:
    """Refuse what is too large or too deep to be settings, and keys that are no text."""
    values, waiting = 0, [((), document)]
    while waiting:
        key, value = waiting.pop()
        values += 1
        if values > MOST_VALUES or len(key) > DEEPEST:
            expected = f"at most {MOST_VALUES} values in all, and {DEEPEST} lists or mappings within one another"
            raise fault(owner, key[:3], "more", expected)
        if isinstance(value, dict):
            strange = [name for name in value if not isinstance(name, str)]
            if strange:
                raise fault(owner, key, f"the key {str(strange[0])[:WIDEST]}", "keys that are text")
        if isinstance(value, list) and len(value) > MOST_ENTRIES:
            raise fault(owner, key, f"{len(value)} entries", f"at most {MOST_ENTRIES}")
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [((*key, name), item) for name, item in inner]


def list_settings(folder: Path) -> list[str]:
    """Name the settings files of a folder, in alphabetical order."""
    return sorted(path.stem for path in Path(folder).glob("*.yaml"))


def fault(owner: str, key: Iterable[str | int] | str, found: str, expected: str) -> RecipeError:
    """Give the error that says where (``key`` is a path such as ["models", "cnn", "stages", 0]) and what was found."""
    where = key if isinstance(key, str) else key_path(key)
    sentence = f"{owner}: " + (f"key '{where}': " if where else "") + f"found {found}; expected {expected}"
    return RecipeError(" ".join(sentence.splitlines()))


def key_path(parts: Iterable[str | int]) -> str:
    """Write a path of keys as users read it: models.cnn.stages[0].set (positions in lists count from 0)."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def show(value) -> str:
    """Write a value as users know it from YAML, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"'{value if len(value) <= WIDEST else value[: WIDEST - 3] + '...'}'"
    text = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), sort_keys=False).split("\n")[0]
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def one_of(options: Iterable[str], found=None) -> str:
    """Name what would be accepted, with the nearest to what was found where one is near."""
    options = [str(option) for option in options]
    nearest = difflib.get_close_matches(str(found), options, n=1)
    names = f"one of {', '.join(options)}" if len(options) > 1 else "".join(options) or "none"
    return f"{names} (did you mean '{nearest[0]}'?)" if nearest and len(options) > 1 else names

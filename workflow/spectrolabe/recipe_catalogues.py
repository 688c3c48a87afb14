"""What a schema cannot say of a survey's catalogue, and of the download that it chooses spectra for."""

from pathlib import PurePosixPath

from spectrolabe.acquire.key_patterns import key_columns
from spectrolabe.recipe_files import fault, show

#: A file as it is fetched, below `data`.
FETCHED = PurePosixPath("downloads/sdss/spec-0266-51602-0009.fits")
READER = "sdss_spec"


def check_catalogues(owner: str, recipe: dict) -> None:
    """Refuse keys that no row of a catalogue can have, and downloads that no spectra would come of.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, dataset in recipe["datasets"].items():
        if "catalogue" in dataset:
            _check_key(owner, ["datasets", name, "catalogue", "key"], dataset["catalogue"]["key"])
        if "download" in dataset:
            _check_download(owner, ["datasets", name], dataset)


def _check_key(owner: str, key: list, pattern: str) -> None:
    try:
        key_columns(pattern)
    except ValueError as error:
        expected = f"a column's name, or columns in braces as in 'star-{{PLATE:04d}}-{{FIBER}}' ({error})"
        raise fault(owner, key, show(pattern), expected) from error


def _check_download(owner: str, key: list, dataset: dict) -> None:
    if "simulate" in dataset:
        found = "a download of a survey that is simulated"
        raise fault(owner, [*key, "download"], found, "download or simulate alone (null removes the other)")
    if dataset["reader"] != READER:
        raise fault(owner, [*key, "reader"], show(dataset["reader"]), f"{READER}, which reads what is downloaded")
    if "catalogue" not in dataset:
        expected = "a table of the spectra to download, such as {file: downloads/sdss/ssppOut-dr12.fits}"
        raise fault(owner, [*key, "catalogue"], "nothing", expected)
    patterns = [dataset["files"]] if isinstance(dataset["files"], str) else dataset["files"]
    if not any(_finds(PurePosixPath(pattern)) for pattern in patterns):
        expected = "a pattern such as downloads/sdss/*.fits, which finds what is downloaded"
        raise fault(owner, [*key, "files"], show(dataset["files"]), expected)


def _finds(pattern: PurePosixPath) -> bool:
    return "**" in pattern.parts or (len(pattern.parts) == len(FETCHED.parts) and FETCHED.match(str(pattern)))

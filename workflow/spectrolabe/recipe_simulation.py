"""What a schema cannot say of a simulated survey: that it is written as its reader and its catalogue expect."""

from pathlib import PurePosixPath

from spectrolabe.recipe_files import fault, one_of, show

#: Readers whose files can be written.
LAYOUTS = ("gaia_eso", "linear_1d", "sdss_spec")
#: Columns that name a simulated SDSS spectrum, those of one, and the name of its file without the ending.
PLATE_COLUMNS = {"PLATE": 266, "MJD": 51602, "FIBER": 31}
PLATE_NAME = "spec-0266-51602-0031"
#: What stands for a missing label in SEGUE's table.
MISSING = -9999
#: Pixels of an arm that each fixed feature needs.
FEATURE_ROOM = 20


def check_simulations(owner: str, recipe: dict) -> None:
    """Refuse a simulated survey that could not be read back.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, dataset in recipe["datasets"].items():
        if "simulate" not in dataset:
            continue
        key, options = ["datasets", name], dataset["simulate"]
        if dataset["reader"] not in LAYOUTS:
            expected = f"{one_of(LAYOUTS)}, to write simulated files"
            raise fault(owner, [*key, "reader"], show(dataset["reader"]), expected)
        _check_shares(owner, [*key, "simulate"], options)
        if dataset["reader"] == "sdss_spec":
            _check_plates(owner, key, dataset)
        elif dataset["reader"] == "linear_1d":
            _check_beams(owner, key, dataset)
        else:
            _check_layout(owner, key, dataset)
            _check_numbers(owner, [*key, "simulate"], options)


def _check_plates(owner: str, key: list, dataset: dict) -> None:
    """Check a survey whose spectra are named by plate, night and fibre."""
    if "join" in dataset:
        expected = "no such key, since a file holds a whole spectrum"
        raise fault(owner, [*key, "join"], show(dataset["join"]), expected)
    catalogue = dataset.get("catalogue")
    if catalogue is None:
        raise fault(owner, [*key, "catalogue"], "nothing", "a catalogue, which a simulated survey's labels stand in")
    if "solar" in catalogue:
        expected = "no such key, since the labels are relative to the Sun"
        raise fault(owner, [*key, "catalogue", "solar"], show(catalogue["solar"]), expected)
    if _name_by(catalogue["key"]) not in (PLATE_NAME, f"{PLATE_NAME}.fits"):
        expected = "a pattern of the columns PLATE, MJD and FIBER: spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}"
        raise fault(owner, [*key, "catalogue", "key"], show(catalogue["key"]), expected)
    if MISSING not in catalogue["missing"]:
        expected = f"{MISSING} among them, which stands for missing labels"
        raise fault(owner, [*key, "catalogue", "missing"], show(catalogue["missing"]), expected)
    _check_files(owner, [*key, "files"], dataset["files"], [f"{PLATE_NAME}.fits"])


def _check_beams(owner: str, key: list, dataset: dict) -> None:
    """Check a survey of several beams, whose labels are relative to the Sun."""
    options, key_options = dataset["simulate"], [*key, "simulate"]
    catalogue = dataset.get("catalogue")
    if catalogue is None:
        raise fault(owner, [*key, "catalogue"], "nothing", "a catalogue, which a simulated survey's labels stand in")
    if "solar" in catalogue:
        expected = "no such key, since the labels are relative to the Sun"
        raise fault(owner, [*key, "catalogue", "solar"], show(catalogue["solar"]), expected)
    if "{" in catalogue["key"]:
        expected = "a column's name, since spectra are named by their stars"
        raise fault(owner, [*key, "catalogue", "key"], show(catalogue["key"]), expected)
    _check_words(owner, key, dataset, "star-000000")
    _check_order(owner, [*key_options, "arms"], options["arms"])
    chosen = options["candidates"] + options["calibrators"]
    if chosen > options["stars"]:
        expected = f"at least {chosen}, the candidates and calibrators"
        raise fault(owner, [*key_options, "stars"], show(options["stars"]), expected)
    for place in (("snr", "range"), ("features", "strength")):
        lowest = options[place[0]][place[1]][0]
        if not lowest > 0:
            raise fault(owner, [*key_options, *place, 0], show(lowest), "a number above 0")
    _check_room(owner, [*key_options, "features", "number"], options)


def _check_room(owner: str, key: list, options: dict) -> None:
    number = options["features"]["number"]
    for arm in options["arms"]:
        most = round((arm["stop"] - arm["start"]) / arm["step"]) // FEATURE_ROOM
        if number > most:
            expected = f"at most {most} in the arm {arm['name']}, one for every {FEATURE_ROOM} pixels"
            raise fault(owner, key, show(number), expected)


def _name_by(pattern: str) -> str:
    """Give the name that a catalogue's key stands for, empty where it is no pattern of `PLATE_COLUMNS`."""
    try:
        return pattern.format_map(PLATE_COLUMNS)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""


def _check_files(owner: str, key: list, files: str | list, names: list) -> None:
    """Refuse patterns that the names of simulated files, in one folder, do not match."""
    patterns = [files] if isinstance(files, str) else files
    pattern = PurePosixPath(patterns[0])
    matched = all(pattern.with_name(name).match(str(pattern)) for name in names)
    if len(patterns) > 1 or "*" in str(pattern.parent) or not matched:
        expected = f"one pattern as giraffe/*.fits, since simulated files have names as {names[0]} in one folder"
        raise fault(owner, key, show(files), expected)


def _check_shares(owner: str, key: list, options: dict) -> None:
    shares = sum(options["trouble"].values())
    if shares > 1:
        raise fault(owner, [*key, "trouble"], f"shares that sum up to {shares:g}", "a sum of at most 1")


def _check_layout(owner: str, key: list, dataset: dict) -> None:
    if "solar" not in dataset.get("catalogue", {}):
        expected = "a scale, since a simulated survey publishes absolute abundances in a catalogue"
        raise fault(owner, [*key, "catalogue", "solar"], "nothing", expected)
    _check_words(owner, key, dataset, "star-000000-0")


def _check_words(owner: str, key: list, dataset: dict, spectrum: str) -> None:
    """Refuse words, or patterns of files, that the files of a spectrum's arms do not have."""
    names = [arm["name"] for arm in dataset["simulate"]["arms"]]
    words = names if len(names) > 1 else []
    if sorted(dataset.get("join", [])) != sorted(words):
        expected = (
            f"{show(words)}, the names of simulate.arms" if words else "no such key, since there is one arm alone"
        )
        raise fault(owner, [*key, "join"], show(dataset.get("join", [])), expected)
    files = [f"{spectrum}{f'_{word}' if word else ''}.fits" for word in words or [""]]
    _check_files(owner, [*key, "files"], dataset["files"], files)


def _check_numbers(owner: str, key: list, options: dict) -> None:
    ratios = options["snr"]
    _check_order(owner, [*key, "arms"], options["arms"])
    if not sum(options["populations"].values()) > 0:
        raise fault(owner, [*key, "populations"], "no stars", "a number above 0")
    if not ratios["range"][0] < ratios["median"] < ratios["range"][1] or ratios["range"][0] <= 0:
        expected = "positive numbers, the median within the range"
        raise fault(owner, [*key, "snr"], f"median {ratios['median']:g}, range {show(ratios['range'])}", expected)


def _check_order(owner: str, key: list, arms: list) -> None:
    for place, (before, after) in enumerate(zip(arms, arms[1:], strict=False), 1):
        if after["start"] < before["stop"]:
            expected = f"at least {show(before['stop'])}, where the arm before it stops"
            raise fault(owner, [*key, place, "start"], show(after["start"]), expected)

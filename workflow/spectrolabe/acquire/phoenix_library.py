"""Where the PHOENIX library of Husser et al. (2013, A&A 553, A6) has its high-resolution spectra."""

import itertools
from collections.abc import Sequence

BASE = "https://phoenix.astro.physik.uni-goettingen.de/data/HiResFITS"
LIBRARY = "PHOENIX-ACES-AGSS-COND-2011"
WAVE_FILE = f"WAVE_{LIBRARY}.fits"
#: The library's axes (its table 1).
AXES = {
    "teff": (*range(2300, 7000, 100), *range(7000, 12001, 200)),
    "logg": tuple(step / 2 for step in range(13)),
    "feh": (-4.0, -3.0, *(step / 2 for step in range(-4, 3))),
    "alpha_fe": tuple(step / 5 for step in range(-1, 7)),
}
#: Where there are other [alpha/Fe] than 0.
ENHANCED = {"teff": (3500, 8000), "feh": (-3.0, 0.0)}


def list_phoenix(
    teff: Sequence[float],
    logg: Sequence[float],
    feh: Sequence[float],
    alpha_fe: Sequence[float],
    mirror: str | None = None,
) -> list[dict[str, str]]:
    """Give the files of all models in a box of labels, with the file of their common wavelengths first.

    Of each: path (as on the server, below HiResFITS), url, optional ("yes" for models, since the library has holes).

    Parameters
    ----------
    teff, logg, feh, alpha_fe : lowest and highest value, both inclusive (K, dex).
    mirror : address of another copy of the folder HiResFITS.
    """
    box = {"teff": teff, "logg": logg, "feh": feh, "alpha_fe": alpha_fe}
    axes = [[value for value in AXES[label] if _is_within(value, box[label])] for label in AXES]
    models = [model for model in itertools.product(*axes) if model[3] == 0 or _is_enhanced(model[0], model[2])]
    paths = [WAVE_FILE, *(_path(*model) for model in models)]
    base = (mirror or BASE).rstrip("/")
    return [{"path": path, "url": f"{base}/{path}", "optional": "yes" if path != WAVE_FILE else ""} for path in paths]


def _is_within(value: float, interval: Sequence[float]) -> bool:
    return interval[0] - 1e-6 <= value <= interval[1] + 1e-6


def _is_enhanced(teff: float, feh: float) -> bool:
    return _is_within(teff, ENHANCED["teff"]) and _is_within(feh, ENHANCED["feh"])


def _path(teff: int, logg: float, feh: float, alpha_fe: float) -> str:
    """Give the path of a model: ``<library>/Z-0.5.Alpha=+0.20/lte05000-4.50-0.5.Alpha=+0.20.<library>-HiRes.fits``."""
    metals = f"{feh:+.1f}" if feh else "-0.0"
    metals += f".Alpha={alpha_fe:+.2f}" if alpha_fe else ""
    return f"{LIBRARY}/Z{metals}/lte{teff:05d}-{logg:.2f}{metals}.{LIBRARY}-HiRes.fits"

"""A simulated SDSS survey: files of spectra in absolute flux, and a table of labels as SEGUE's pipeline publishes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.layouts import write_table
from spectrolabe.acquire.manifests import find_folder
from spectrolabe.acquire.populations import check_limits
from spectrolabe.acquire.sdss_files import COADD, SdssWriter, name_spectrum
from spectrolabe.acquire.sdss_light import find_distance
from spectrolabe.acquire.sdss_spectra import LATTICE, NODATA, SdssSpectrograph, find_snr
from spectrolabe.acquire.sdss_stars import draw_stars
from spectrolabe.acquire.sdss_trouble import STRENGTHS
from spectrolabe.acquire.trouble import draw_trouble
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import LIGHT_SPEED

#: Spectra computed at a time, a matter of memory.
BATCH = 128
#: Instrument -> first plate, its night (MJD) and the fibres of a plate.
PLATES = {"SDSS": (266, 51602, 640), "BOSS": (3586, 55181, 1000)}
#: Instrument -> first pixel and number of pixels (of `LATTICE`), and by how many either varies between files.
EXTENTS = {"SDSS": (35798, 3842, 6), "BOSS": (35516, 4625, 12)}
#: Spectra of a star at most.
MOST_EXPOSURES = 2
LABELS = ("teff", "logg", "feh", "rv")
TRUE_LABELS = ("teff", "logg", "feh", "alpha_fe", "rv")
#: What stands for a label that the survey could not measure.
MISSING = -9999.0
#: Stated errors differ between spectra by this factor (natural logarithm); error of the redshift in files (km/s).
ERROR_SPREAD, REDSHIFT_ERROR = 0.3, 5.0
#: Photometric object of star 0; the next ones follow.
FIRST_OBJECT = 1237650000000000000
#: Lowest Teff (K) of the spectral classes; cooler stars are K.
CLASSES = {"A0": 7400.0, "F5": 6000.0, "G2": 5250.0}


def simulate_sdss(
    folder: Path, numbers: Sequence[int], *, grid: Grid, settings: Mapping, layout: Mapping, seed: int
) -> pd.DataFrame:
    """Write the files of some stars' spectra and the table of their labels, and give the table.

    A star and its spectra depend on the seed and its number, not on the others that are simulated with it.

    Parameters
    ----------
    folder : where they go; it is made.
    numbers : of the stars.
    grid : synthetic spectra of the labels teff, logg, feh and alpha_fe that the stars' are interpolated in.
    settings : a recipe's ``simulate``.
    layout : the dataset's ``files`` and ``catalogue`` (its ``file`` and ``columns``).
    seed : of the survey.
    """
    spectrograph = SdssSpectrograph(grid)
    spectra = _draw_spectra(numbers, spectrograph.edges, settings, seed)
    place = Path(folder) / find_folder(layout["files"])
    place.mkdir(parents=True, exist_ok=True)
    writers, ratios = {name: SdssWriter(name) for name in PLATES}, []
    for start in range(0, len(spectra), BATCH):
        batch = spectra.iloc[start : start + BATCH]
        record = spectrograph.observe(batch, seed)
        ratios.append(find_snr(record))
        for row, (star, snr) in enumerate(zip(batch.to_dict("records"), ratios[-1], strict=True)):
            pixels = {name: values[row] for name, values in record.items()}
            _write_spectrum(place, writers[star["instrument"]], star, pixels, spectrograph.window, snr)
    table = _publish(spectra, np.concatenate(ratios).round(3), settings, seed)
    write_table(table, Path(folder) / layout["catalogue"]["file"], dict(layout["catalogue"]["columns"]))
    return table


def _draw_spectra(numbers, edges, settings, seed):
    """Give one row per spectrum: what is true of its star, where and how it was observed, and its trouble."""
    limits = dict(settings["limits"])
    if "alpha_fe" not in edges:
        raise ValueError(f"simulate.grid: expected the labels teff, logg, feh and alpha_fe, found {', '.join(edges)}")
    check_limits(limits, edges)
    stars = draw_stars(numbers, seed, limits | {"alpha_fe": edges["alpha_fe"]}, settings["magnitudes"])
    repeated = RowGenerators(derive_seed(seed, "repeats"), stars["star"]).uniform(0, 1) < settings["repeats"]
    spectra = stars.loc[stars.index.repeat(np.where(repeated, MOST_EXPOSURES, 1))].reset_index(drop=True)
    visit = spectra.groupby("star", sort=False).cumcount()
    spectra["exposure"] = spectra["star"] + "-" + visit.astype(str)
    rng = RowGenerators(derive_seed(seed, "exposures"), spectra["exposure"])
    spectra["boss"] = rng.uniform(0, 1) < settings["boss"]
    spectra["instrument"] = np.where(spectra["boss"], "BOSS", "SDSS")
    first, size, spread = np.array([EXTENTS[name] for name in spectra["instrument"]]).reshape(-1, 3).T
    spectra["first"] = first + np.rint(spread * rng.uniform(-1, 1)).astype(int)
    spectra["size"] = size + np.rint(spread * rng.uniform(-1, 1)).astype(int)
    spectra["redshift"] = (spectra["rv"] + REDSHIFT_ERROR * rng.normal(1)[:, 0]) / LIGHT_SPEED
    spectra = spectra.join(draw_trouble(rng, settings["trouble"], STRENGTHS).drop(columns="flux_ratio"))
    return spectra.assign(**_find_plates(spectra["instrument"], spectra["number"] * MOST_EXPOSURES + visit))


def _find_plates(instrument, order):
    """Give plate, night and fibre of spectra by their order: no two spectra share them."""
    first, night, fibres = np.array([PLATES[name] for name in instrument]).reshape(-1, 3).T
    return {"PLATE": first + order // fibres, "MJD": night + order // fibres, "FIBER": order % fibres + 1}


def _write_spectrum(folder, write, star, pixels, window, snr):
    """Write one file; where the grid ends, its pixels have no data but the sky's."""
    start = star["first"] - LATTICE[0]
    part = slice(start, start + star["size"])
    coadd = {}
    for name in [name for name in COADD if name != "loglam"]:
        values = pixels[name]
        if len(values) != len(LATTICE):
            whole = np.full(len(LATTICE), NODATA if name.endswith("mask") else 0, values.dtype)
            whole[window] = values
            values = whole
        coadd[name] = values[part]
    object_id = str(FIRST_OBJECT + star["number"])
    letter = next((name for name, coolest in CLASSES.items() if star["teff"] >= coolest), "K3")
    facts = {"PLATE": star["PLATE"], "MJD": star["MJD"], "FIBERID": star["FIBER"]}
    facts |= {"PLUG_RA": star["ra"], "PLUG_DEC": star["dec"], "CLASS": "STAR", "SUBCLASS": letter, "ZWARNING": 0}
    facts |= {"Z": star["redshift"], "Z_ERR": REDSHIFT_ERROR / LIGHT_SPEED, "SN_MEDIAN_ALL": snr}
    facts["OBJID" if star["boss"] else "BESTOBJID"] = object_id
    name = name_spectrum(star["PLATE"], star["MJD"], star["FIBER"])
    write(folder / f"{name}.fits", star["first"], coadd, facts)


def _publish(spectra, snr, settings, seed):
    """Give the survey's table: labels with their errors drawn, a share of them missing, then the truth."""
    rng = RowGenerators(derive_seed(seed, "published"), spectra["exposure"])
    table = spectra[["PLATE", "MJD", "FIBER", "ra", "dec"]].assign(snr=snr)
    failed = rng.uniform(0, 1) < settings["missing"]
    wrong = np.where(spectra["trouble"] == "wrong_rv", spectra["trouble_strength"], 0) * np.sign(rng.normal(1)[:, 0])
    for label in LABELS:
        spread, deviation = rng.normal(2).T
        sigma = settings["label_errors"][label] * np.exp(ERROR_SPREAD * spread - ERROR_SPREAD**2 / 2)
        digits = 2 if label in ("teff", "rv") else 4
        values = spectra[label] + sigma * deviation + (wrong if label == "rv" else 0)
        table[label], table[f"{label}_err"] = values.round(digits), sigma.round(digits)
    names = [name for label in ("teff", "logg", "feh") for name in (label, f"{label}_err")]
    table.loc[failed, names] = MISSING
    truth = {f"{label}_true": spectra[label].round(2 if label == "teff" else 5) for label in TRUE_LABELS}
    distance = find_distance(*(spectra[name].to_numpy() for name in ("teff", "logg", "mass", "ebv", "g")))
    truth |= {"age_true": spectra["age"].round(3), "ebv_true": spectra["ebv"].round(4)}
    truth["distance_true"] = distance.round(4)
    kept = ("population", "kind", "trouble", "trouble_strength")
    return table.assign(g=spectra["g"].round(3), **truth, **{name: spectra[name] for name in kept})

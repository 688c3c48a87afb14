"""The numbers of populations as rows of the report: what was found, the truth where it is known, what was published."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.discs import DISCS
from spectrolabe.validate.style import UNKNOWN, number, percent
from spectrolabe.validate.style import name_of as drawn_name

#: Key of a row -> heading of its column.
COLUMNS = {"quantity": "quantity", "found": "found", "true": "truth", "published": "published"}
#: Labels whose names are drawn with symbols that a text cannot show.
PLAIN = {"teff": "Teff", "logg": "log g"}
SETS = {"high": "good set", "low": "low S/N and outer"}
PAIRS = {
    "survey_seismic": "survey’s − seismic",
    "predicted_seismic": "predicted − seismic",
    "predicted_survey": "predicted − survey’s",
}


def population_rows(path: Path | str) -> list[dict]:
    """Give the rows that the report shows of one result, ``discs.json``, ``orbits.json`` and so on.

    Each row has ``quantity``, ``found``, ``true`` and ``published``, all text; a result that is missing is one row,
    which says why.
    """
    path = Path(path)
    numbers = json.loads(path.read_text(encoding="utf-8"))
    if "missing" in numbers:
        return [_row(numbers["missing"])]
    return list(ROWS[path.stem](numbers))


def _name(label):
    return PLAIN.get(label) or drawn_name(label)


def _row(quantity, found=UNKNOWN, true=UNKNOWN, published=UNKNOWN):
    return {"quantity": quantity, "found": found, "true": true, "published": published}


def _write(value, form, unit=""):
    return UNKNOWN if value is None else f"{value:{form}}{unit}".replace("-", "−")


def _disc_rows(numbers: Mapping) -> Iterator[dict]:
    for name, words in SETS.items():
        found = numbers[name]
        published = percent(numbers["published"]["noise"]) if name == "high" else UNKNOWN
        verdict = f"{found['clusters']} clusters" if found["found"] else "not separable"
        yield _row(f"Discs, {words} ({found['stars']:,} stars)", verdict, published="2" if name == "high" else "none")
        yield _row(f"Share in neither disc, {words}", percent(found["noise"]), published=published)
        if found["found"] and "purity" in found:
            yield _row(f"Purity of assigned stars, {words}", percent(found["purity"]["all"]))
            for disc in DISCS:
                share, purity = found["completeness"][disc], found["purity"][disc]
                yield _row(f"Purity, completeness of the {disc} disc, {words}", f"{percent(purity)}, {percent(share)}")


def _orbit_rows(numbers: Mapping) -> Iterator[dict]:
    for disc in DISCS:
        published = _write(numbers["published"][disc], "+.2f")
        trends = (numbers["trends"][disc], numbers["truth"].get(disc))
        slopes = [f"{_write(t['slope'], '+.3f')} ± {t['slope_err']:.3f}" if t else UNKNOWN for t in trends]
        yield _row(f"Eccentricity per dex of [Fe/H], {disc} disc", *slopes, published)
        yield _row(f"Mean eccentricity, {disc} disc", *(_write(t and t["mean"], ".3f") for t in trends))
    check = numbers["check"]
    yield _row(
        f"Eccentricities integrated for 5 Gyr minus approximated, median of {check['stars']} stars",
        _write(check["median_difference"], "+.4f"),
    )


def _age_rows(numbers: Mapping) -> Iterator[dict]:
    for disc in DISCS:
        found = numbers[disc]
        age = f"{_write(found['mean'], '.1f')} ± {_write(found['err'], '.1f')} Gyr"
        published = f"{numbers['published'][disc]:.1f} Gyr"
        words = f"Mean age, {disc} disc ({found['stars']:,} turn-off stars)"
        yield _row(words, age, _write(found["true"], ".1f", " Gyr"), published)


def _cluster_rows(numbers: Mapping) -> Iterator[dict]:
    right = numbers["right"]
    if right["clusters"]:
        feh, share = _write(numbers["metal_poor"], "+.1f"), 100 * numbers["tolerance"]
        words = f"Clusters with [Fe/H] ≥ {feh} and a slope within {share:.0f} % of the truth"
        yield _row(words, f"{right['within']} of {right['clusters']}")
    for cluster in numbers["clusters"]:
        for subset, words in (("all", "all members"), ("unseen", "members unseen in training")):
            found = cluster[subset]
            if found["slopes"]["predicted"] is None:
                yield _row(f"{cluster['cluster']} ({words}, {found['stars']})", "too few stars for a slope")
                continue
            slopes = {
                source: f"{_write(slope, '.2f')} ± {_write(found['slope_errs'][source], '.2f')}"
                for source, slope in found["slopes"].items()
                if slope is not None
            }
            shown = f"{slopes['predicted']} (survey’s: {slopes.get('survey', UNKNOWN)})"
            feh = _write(cluster["feh"], "+.2f")
            quantity = f"Δ[Al/Fe]/Δ[Mg/Fe], {cluster['cluster']} ([Fe/H] = {feh}; {words}, {found['stars']})"
            yield _row(quantity, shown, slopes.get("true", UNKNOWN))
            reference = "true" if found["reference"] == "true" else "the survey’s"
            spread = ", ".join(f"{_name(label)} {value:.2f}" for label, value in found["spread"].items() if value)
            ratio = f"{_write(found['attenuation'], '.2f')} (spreads: {spread or UNKNOWN})"
            yield _row(f"Predicted over {reference} slope, {cluster['cluster']} ({words})", ratio, "1")


def _repeat_rows(numbers: Mapping) -> Iterator[dict]:
    yield _row("Benchmark stars, spectra", f"{numbers['stars']}, {numbers['spectra']}", published="25 stars")
    for label, found in numbers["labels"].items():
        unit = unit_of(label)
        for subset in ("inner", "outer", "all"):
            values = found.get(subset)
            if values and values["bias"] is not None and values["scatter"] is not None:
                text = f"{number(label, values['bias'], signed=True)} ± {number(label, values['scatter'])} {unit}"
                of = f"{subset}, {values['stars']} stars" if subset != "all" else f"{values['stars']} stars"
                yield _row(f"{_name(label)} of benchmark stars, predicted − survey’s ({of})", text)
        if found["repeat_scatter"] is not None:
            quoted = [found[key] for key in ("repeat_scatter", "quoted", "survey_error")]
            shown = ["–" if value is None else number(label, value) for value in quoted]
            text = f"{shown[0]} {unit} (quoted: {shown[1]}, survey’s error: {shown[2]})"
            yield _row(f"{_name(label)}, scatter between spectra of a star ({found['repeated']} stars)", text)


def _seismic_rows(numbers: Mapping) -> Iterator[dict]:
    for pair, words in PAIRS.items():
        if pair in numbers:
            found = numbers[pair]
            text = f"{number('logg', found['bias'], signed=True)} ± {number('logg', found['scatter'])} dex"
            published = f"scatter {numbers['published']['scatter']:.2f} dex" if "seismic" in pair else UNKNOWN
            yield _row(f"log g, {words} ({found['n']:,} spectra)", text, published=published)


#: Name of a result -> what turns its numbers into rows.
ROWS = {
    "discs": _disc_rows,
    "orbits": _orbit_rows,
    "ages": _age_rows,
    "clusters": _cluster_rows,
    "repeats": _repeat_rows,
    "seismic": _seismic_rows,
}

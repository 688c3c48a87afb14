"""The report: one page that opens anywhere, with every figure inside it."""

import base64
import json
import os
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from spectrolabe.predict.flags import BITS, UNREADABLE
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.benchmarks import compared_labels, summarise
from spectrolabe.validate.style import name_of, number

HTML_NAMES = {
    "teff": Markup("<i>T</i><sub>eff</sub>"),
    "logg": Markup("log <i>g</i>"),
    "vsini": Markup("<i>v</i> sin <i>i</i>"),
    "vbroad": Markup("<i>v</i><sub>broad</sub>"),
    "vmic": Markup("<i>v</i><sub>mic</sub>"),
}
TITLES = {
    "residuals": "Predicted against reference labels",
    "noise": "Residuals against signal-to-noise",
    "coverage": "Are the uncertainties true?",
    "kiel": "Kiel diagram",
    "benchmark_stars": "Benchmark stars",
    "losses": "Training",
}
UNREADABLE_SHOWN = 50
Files = Iterable[Path]
PAGES = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def build_report(
    recipe: str,
    template: str,
    *,
    catalogues: Files,
    scores: Files,
    figures: Files,
    benchmarks: Files,
    emulators: Files,
    captions: Files,
) -> str:
    """Write the page of one recipe: figures first, then scores, benchmark stars, flags and where the catalogues are.

    Parameters
    ----------
    recipe : its name, the page's title.
    template : the page as a Jinja template.
    catalogues, scores, benchmarks : files ``.../{model}/{dataset}.*``, one section per catalogue.
    figures : ``.../{figure}/{model}/{dataset}.png`` or ``.../losses/{model}.png``.
    emulators : ``{grid}.emulator.json``, the errors of the emulators that training sets were drawn from.
    captions : ``{figure}.rst``, plain text.
    """
    words = {Path(path).stem: Path(path).read_text(encoding="utf-8").strip() for path in captions}
    pictures = [_describe_figure(Path(path), words) for path in figures]
    scored = {_pair(path): json.loads(Path(path).read_text(encoding="utf-8")) for path in scores}
    compared = {_pair(path): pd.read_csv(path) for path in benchmarks}
    sections = [_describe_section(Path(path), pictures, scored, compared) for path in catalogues]
    costs = {model: result["model"] for (model, _), result in scored.items()}
    return PAGES.from_string(template).render(
        recipe=recipe,
        sections=sections,
        trainings=[picture for picture in pictures if picture["kind"] == "losses"],
        models=[{"name": model} | _describe_costs(cost) for model, cost in costs.items()],
        emulators=[_describe_emulator(Path(path)) for path in emulators],
        spectra=sum(section["count"] for section in sections),
        shown=UNREADABLE_SHOWN,
    )


def write_report(page: str, path: Path) -> None:
    """Put the page in its place in one step."""
    temporary = path.with_name(f".{path.name}.writing")
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, path)


def _describe_emulator(path):
    errors = json.loads(path.read_text(encoding="utf-8"))
    shown = {"grid": path.name.split(".")[0], "error": f"{errors['mean_absolute_error']:.4f}"}
    return shown | {"tested": errors["nodes_tested"], "fitted": errors["nodes_fitted"]}


def _pair(path):
    path = Path(path)
    return path.parent.name, path.stem


def _describe_section(catalogue, pictures, scored, compared):
    model, dataset = pair = _pair(catalogue)
    rows = compared.get(pair, pd.DataFrame())
    return _describe_catalogue(catalogue) | {
        "model": model,
        "dataset": dataset,
        "figures": [picture for picture in pictures if picture["pair"] == pair],
        "scores": _score_rows(scored[pair]["labels"]) if pair in scored else [],
        "benchmarks": _benchmark_table(rows) if len(rows) else None,
    }


def _describe_figure(path, captions):
    kind, pair = path.parents[1].name, _pair(path)
    if path.parent.name == "losses":
        kind, pair = "losses", (path.stem, None)
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    caption = captions.get(kind, "")
    return {
        "kind": kind,
        "pair": pair,
        "title": TITLES.get(kind, kind) + (f": {pair[0]}" if kind == "losses" else ""),
        "alt": f"{TITLES.get(kind, kind)}, {pair[0]}" + (f" on {pair[1]}" if pair[1] else "") + f". {caption}",
        "caption": caption,
        "source": "data:image/png;base64," + base64.b64encode(content).decode("ascii"),
        "width": width,
        "height": height,
    }


def _describe_catalogue(path):
    catalogue = pd.read_parquet(path)
    flags = catalogue["flag"].to_numpy(int)
    unreadable = catalogue[flags & UNREADABLE > 0]
    return {
        "path": str(path),
        "count": len(catalogue),
        "flagged": int((flags > 0).sum()),
        "reasons": [(words, int((flags & bit > 0).sum())) for bit, (_, words) in BITS.items() if (flags & bit).any()],
        "unreadable": list(zip(unreadable["spectrum_id"], unreadable["flag_text"], strict=True)),
    }


def _html_name(label):
    return HTML_NAMES.get(label, name_of(label))


def _score_rows(scores):
    return [
        {
            "name": _html_name(label),
            "unit": unit_of(label),
            "n": f"{subsets['all']['n']:,}",
            "bias": number(label, subsets["all"]["bias"], signed=True),
            "scatter": number(label, subsets["all"]["scatter"]),
            "coverages": [_percent(subsets["all"][f"coverage{level}"]) for level in ("68", "95")],
        }
        for label, subsets in scores.items()
    ]


def _percent(share):
    return "–" if share is None else f"{100 * share:.1f} %"


def _benchmark_table(rows):
    labels = compared_labels(rows)
    summary = summarise(rows)
    return {
        "labels": [(_html_name(label), unit_of(label)) for label in labels],
        "rows": [
            {
                "star": row["star"],
                "spectrum": row["spectrum_id"],
                "flagged": row["flag_text"] if isinstance(row["flag_text"], str) else "",
                "cells": [_benchmark_cell(row, label) for label in labels],
            }
            for _, row in rows.iterrows()
        ],
        "summaries": [
            (words, [_quadratic_mean(summary.loc[label], label, suffix) for label in labels])
            for words, suffix in (("all", ""), ("within the training range", "_within"))
        ],
    }


def _benchmark_cell(row, label):
    parts = ("", "_err", "_literature", "_difference")
    predicted, error, reference, difference = (row[f"{label}{part}"] for part in parts)
    return {
        "predicted": " ± ".join(
            number(label, value, coarse=True) for value in (predicted, error) if np.isfinite(value)
        ),
        "reference": number(label, reference, coarse=True) if np.isfinite(reference) else "–",
        "difference": number(label, difference, signed=True, coarse=True) if np.isfinite(difference) else "",
    }


def _quadratic_mean(summary, label, suffix):
    value = summary[f"quadratic_mean{suffix}"]
    return f"{number(label, value)} (n = {int(summary[f'n{suffix}'])})" if np.isfinite(value) else "–"


def _describe_costs(cost):
    seconds = cost["training_seconds"]
    rate = cost["spectra_per_second"]
    return {
        "members": cost["members"],
        "parameters": f"{cost['parameters']:,}",
        "training": f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s",
        "rate": f"{rate:,.0f}" if rate else "",
    }

"""The report: one page that opens anywhere, with every figure inside it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from jinja2 import Environment, StrictUndefined

from spectrolabe.predict.flags import BITS, CAUTIONS, OF_CATALOGUE, UNREADABLE, is_doubted
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.card_pages import describe_card
from spectrolabe.validate.catalogue_rows import count_rows, read_batches, read_catalogue, read_matching
from spectrolabe.validate.clusters import summarise_clusters
from spectrolabe.validate.cross_grid import describe_matrices
from spectrolabe.validate.figure_names import OF_GRIDS
from spectrolabe.validate.report_figures import describe_figure
from spectrolabe.validate.report_sections import FIGURES, describe_sections
from spectrolabe.validate.report_tables import (
    ACCURACY,
    accuracy_table,
    benchmark_table,
    cluster_rows,
    describe_costs,
    html_name,
    score_rows,
)
from spectrolabe.validate.style import number

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
    groups: Files,
    cross_grid: Files,
    emulators: Files,
    tables: Files,
    cards: Files,
    captions: Files,
) -> str:
    """Write the page of one recipe: a section per catalogue, with figures first, then what is of the whole recipe.

    Parameters
    ----------
    recipe : its name, the page's title.
    template : the page as a Jinja template.
    catalogues, scores, benchmarks, groups : files ``.../{model}/{dataset}.*``, one section per catalogue.
    figures : see `spectrolabe.validate.report_figures.describe_figure`.
    cross_grid : the comparison of grids as `spectrolabe.validate.cross_grid.compare_grids` gives it; none, or one file.
    emulators : ``{grid}.emulator.json``, the errors of the emulators that training sets were drawn from.
    tables : files of `spectrolabe.validate.report_sources.SOURCES`.
    cards : ``{model}.md``, as `spectrolabe.validate.cards.write_card` gives them.
    captions : ``{figure}.rst``, plain text.
    """
    words = {Path(path).stem: Path(path).read_text(encoding="utf-8").strip() for path in captions}
    pictures = [describe_figure(Path(path), words) for path in figures]
    scored = {_pair(path): json.loads(Path(path).read_text(encoding="utf-8")) for path in scores}
    compared = {_pair(path): (pd.read_csv(path), pd.read_csv(of)) for path, of in zip(benchmarks, groups, strict=True)}
    sections = [_describe_section(Path(path), pictures, scored, compared) for path in catalogues]
    costs = {model: result["model"] for (model, _), result in scored.items()}
    return PAGES.from_string(template).render(
        recipe=recipe,
        sections=sections,
        models=[{"name": model} | describe_costs(cost) for model, cost in costs.items()],
        grids=[matrix for path in cross_grid for matrix in describe_matrices(pd.read_csv(path))],
        grid_figures=[picture for picture in pictures if picture["kind"] in OF_GRIDS],
        accuracy_columns=list(ACCURACY.values()),
        others=describe_sections(pictures, tables),
        emulators=[_describe_emulator(Path(path)) for path in emulators],
        cards=[describe_card(Path(path)) for path in cards],
        html_name=html_name,
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
    stars, groups = compared.get(pair, ((), None))
    return _describe_catalogue(catalogue) | {
        "model": model,
        "dataset": dataset,
        "figures": [picture for picture in pictures if picture["of"] == pair and picture["kind"] not in FIGURES],
        "scores": score_rows(scored[pair]["labels"]) if pair in scored else [],
        "accuracy": accuracy_table(scored[pair]) if pair in scored else None,
        "benchmarks": benchmark_table(stars, groups) if len(stars) else None,
    }


def _describe_catalogue(path):
    count, flagged, raised, unreadable = count_rows(path), 0, dict.fromkeys(BITS, 0), []
    for rows in read_batches(path, ["spectrum_id", "flag", "flag_text"]):
        flags = rows["flag"].to_numpy(int)
        flagged += int(is_doubted(rows["flag"]).sum())
        raised = {bit: seen + int((flags & bit > 0).sum()) for bit, seen in raised.items()}
        lost = rows[flags & UNREADABLE > 0]
        # One more than is shown says that there are more.
        unreadable += zip(lost["spectrum_id"], lost["flag_text"], strict=True)
        unreadable = unreadable[: UNREADABLE_SHOWN + 1]
    names = pq.read_schema(path).names
    spreads = [name for name in names if name.endswith("_err_grid")]
    catalogue, members = read_catalogue(path, ["spectrum_id", *spreads]), pd.DataFrame()
    if "cluster" in names:
        members = read_matching(path, lambda rows: rows["cluster"].fillna("") != "")
    return {
        "clusters": cluster_rows(summarise_clusters(members)),
        "path": str(path),
        "count": count,
        "used": len(catalogue),
        "flagged": flagged,
        "reasons": _name_bits(raised, ~CAUTIONS),
        "cautions": _name_bits(raised, CAUTIONS & ~OF_CATALOGUE),
        "concerned": [words for words, _ in _name_bits(raised, OF_CATALOGUE)],
        "spreads": [
            (html_name(label), number(label, catalogue[name].median()), unit_of(label))
            for name, label in ((name, name.removesuffix("_err_grid")) for name in spreads)
            if catalogue[name].notna().any()
        ],
        "unreadable": unreadable,
    }


def _name_bits(raised, among):
    """Say in words what the raised bits among some mean, and how many spectra have each."""
    return [(BITS[bit][1], count) for bit, count in raised.items() if bit & among and count]

"""The report's sections of a whole recipe: figures and tables of what belongs to no single catalogue."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from spectrolabe.validate.report_sources import SENTENCES, SOURCES

#: Section -> its heading, and the figures that stand in it.
SECTIONS = {
    "coverage": ("Are the uncertainties true?", ("arms",)),
    "selection": (
        "Selection and screening",
        (
            "label_coverage", "label_densities", "abundance_densities", "similarity_map", "observed_sets_map",
            "screening_recall",
        ),
    ),
    "labels": ("Given and predicted labels", ("one_to_one",)),
    "errors": ("Errors", ()),
    "classes": ("Luminosity classes", ()),
    "doubt": ("Doubt", ()),
    "recovery": ("Injected and recovered stars", ("recovery",)),
    "gradients": ("Where labels are read from", ("sensitivity", "correlated_labels")),
    "populations": (
        "Populations",
        ("discs", "eccentricities", "ages", "cluster_abundances", "anticorrelation", "reference_stars", "seismic"),
    ),
    "embedding": ("Which spectra the network takes as alike", ("embedding",)),
    "spectra": ("Spectra", ("example_spectra", "gap", "continuum_bias", "continuum_fits")),
    "comparisons": ("Between models", ("model_comparison",)),
    "studies": ("Study of hyperparameters", ("study",)),
    "databases": ("Databases", ("databases",)),
    "methods": ("Comparison of methods", ("comparisons",)),
    "training": (
        "Training",
        ("architecture", "augmentation", "components", "learning_rates", "losses", "kiel_evolution"),
    ),
}  # fmt: skip
FIGURES = frozenset(figure for _, figures in SECTIONS.values() for figure in figures)


def describe_sections(pictures: Iterable[Mapping], files: Iterable[Path]) -> list[dict]:
    """Give the sections that have a figure or a table: ``id``, ``title``, ``words``, ``figures``, ``tables``.

    Parameters
    ----------
    pictures : as `spectrolabe.validate.report_figures.describe_figure` gives them.
    files : of the tables and of the sentences before them, see `SOURCES` and `SENTENCES` of report_sources.

    Raises
    ------
    ValueError
        For a file that no table is made of.
    """
    head, pattern, read = SENTENCES
    pictures, paths = list(pictures), list(map(Path, files))
    words = [read(path) for path in paths if path.match(pattern)]
    tables = [table for path in paths if not path.match(pattern) for table in _describe_tables(path)]
    sections = [
        {
            "id": name,
            "title": title,
            "words": words if name == head else [],
            "figures": [_titled(picture) for figure in figures for picture in pictures if picture["kind"] == figure],
            "tables": [table for section, table in tables if section == name and table["rows"]],
        }
        for name, (title, figures) in SECTIONS.items()
    ]
    return [section for section in sections if section["figures"] or section["tables"]]


def _titled(picture):
    """Outside a catalogue's own section, a figure says which model and data it is of."""
    of = picture["of"]
    return picture | {"title": f"{picture['title']}: {' on '.join(of)}"} if len(of) > 1 else picture


def _describe_tables(path):
    source = next((source for source in SOURCES if path.match(source.pattern)), None)
    if source is None:
        raise ValueError(f"{path}: expected a file of {', '.join(source.pattern for source in SOURCES)}")
    return [(made.section, made.table(path)) for made in (source, *source.beside)]

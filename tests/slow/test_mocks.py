"""Every mock recipe runs from nothing to its report. Takes half an hour a recipe on two cores, several hours in all."""

from pathlib import Path

import pandas as pd
import pytest
from workplace import ROOT, Workplace

MOCKS = sorted(path.stem for path in (ROOT / "config" / "recipes").glob("*_mock.yaml"))


@pytest.mark.parametrize("recipe", MOCKS)
def test_a_mock_runs_to_its_report(recipe, tmp_path):
    place = Workplace(tmp_path, patience=6 * 3600)
    status, output = place.run(recipes=recipe)
    assert status == 0, output[-20_000:]
    results = tmp_path / "results" / recipe
    assert (results / "report.html").is_file()
    catalogues = sorted((results / "predict" / "catalogue").glob("*/*.parquet"))
    # Those by star have a second dot in their names.
    catalogues = [path for path in catalogues if "." not in path.stem]
    assert catalogues
    for path in catalogues:
        rows = pd.read_parquet(path, columns=["spectrum_id"])["spectrum_id"]
        assert sorted(rows) == sorted(known_spectra(results, path.stem)), path


def known_spectra(results: Path, dataset: str) -> pd.Series:
    """The spectra that a catalogue must have a row of: a survey's manifest, or a part of a set."""
    set_name, _, part = dataset.partition("-")
    if part:
        path = results / "prepare" / "sets" / set_name / f"{part}.parquet"
        return pd.read_parquet(path, columns=["spectrum_id"])["spectrum_id"]
    manifest = results / "acquire" / "manifests" / f"{dataset}.tsv"
    return pd.read_csv(manifest, sep="\t", usecols=["spectrum_id"], dtype=str)["spectrum_id"]

"""Raw spectra are on the recipe's grid and otherwise as they came."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from spectrolabe.acquire.manifests import list_spectra, read_blocks, write_manifest
from spectrolabe.prepare.raw_spectra import (
    choose_rows,
    raw_steps,
    read_raw,
    read_stars,
    sample_manifest,
    simulate_raw,
)
from spectrolabe.spectra.table import write_shard

ARMS = [{"start": 5002, "stop": 5022, "step": 0.5}]
RESAMPLE = {"resample": {"arms": ARMS, "medium": "air", "method": "conserve"}}
NORMALISE = {"normalise": {"asymmetric_clip": {"segment": 10}}}


def test_raw_steps_clean_and_resample_and_do_nothing_else():
    mask, rest, zeros = {"mask_pixels": {"learned": "sun"}}, {"rest_frame": {}}, {"clean_zeros": {}}
    noise, broaden = {"add_noise": {"max": 0.1}}, {"broaden": {"arms": []}}
    steps = [mask, rest, {"rotate": {"max": 9}}, zeros, broaden, RESAMPLE, noise, NORMALISE, {"zero_pixels": {}}]
    assert raw_steps(steps) == [rest, zeros, broaden, RESAMPLE]


def test_what_comes_after_the_continuum_is_not_raw_but_for_the_grid():
    assert raw_steps([NORMALISE, {"clean_spikes": {"sigma": 5}}, RESAMPLE]) == [RESAMPLE]


def make_table(count, bad=()):
    names = [f"s{number}" for number in range(count)]
    status = ["broken" if number in bad else "" for number in range(count)]
    return pd.DataFrame({"spectrum_id": names, "source_id": names, "status": status})


def test_chosen_rows_are_usable_and_the_same_wherever_they_stand():
    table = make_table(40, bad=(3, 4))
    rows = choose_rows(table, 10, seed=1)
    assert len(set(rows)) == 10
    assert list(rows) == sorted(rows)
    assert not {3, 4} & set(rows)
    turned = table.iloc[::-1].reset_index(drop=True)
    assert set(turned["spectrum_id"][choose_rows(turned, 10, seed=1)]) == set(table["spectrum_id"][rows])
    assert set(choose_rows(table, 10, seed=2)) != set(rows)
    assert len(choose_rows(table, 100, seed=1)) == 38


@pytest.mark.parametrize("nodes", [True, False])
def test_simulated_spectra_are_the_grids_own_at_their_labels(toy_grid, nodes):
    stars = toy_grid.labels.iloc[[7, 20]].assign(spectrum_id=["a", "b"], source_id=["set-000007", "set-000020"])
    steps = [{"shift": {"max": 100}}, RESAMPLE, {"add_noise": {"max": 0.3}}, NORMALISE]
    raw = simulate_raw(toy_grid, stars, steps=steps, nodes=nodes)
    inner = slice(4, -4)
    expected = [np.interp(raw.wavelength, toy_grid.wavelength, toy_grid.flux[row]) for row in (7, 20)]
    np.testing.assert_allclose(raw.flux[:, inner], np.array(expected)[:, inner], atol=5e-3)
    assert list(raw.table["spectrum_id"]) == ["a", "b"]
    assert not np.allclose(raw.flux[0], raw.flux[1], atol=5e-3)


def test_raw_survey_keeps_its_counts_and_loses_what_cannot_be_read(tmp_path):
    for name, level in (("a", 300.0), ("b", 7.0)):
        primary = fits.PrimaryHDU(np.full(200, level, np.float32))
        primary.header.update({"CRVAL1": 4990.0, "CDELT1": 0.25, "CTYPE1": "WAVE"})
        primary.writeto(tmp_path / f"{name}.fits")
    (tmp_path / "c.fits").write_text("no FITS")
    manifest = list_spectra(["a.fits", "b.fits", "c.fits"], tmp_path, "*.fits", "linear_1d")
    options = {"root": tmp_path, "reader": "linear_1d", "arms": ARMS, "medium": "air", "resolution": None}
    raw = read_raw(manifest, steps=[RESAMPLE, NORMALISE], seed=1, **options)
    assert list(raw.table["spectrum_id"]) == ["a", "b"]
    np.testing.assert_allclose(np.median(raw.flux, axis=1), [300, 7], rtol=1e-5)


@pytest.mark.parametrize("block", [1, 7, 100])
def test_a_sample_of_a_manifest_does_not_depend_on_how_much_is_read_at_once(tmp_path, monkeypatch, block):
    names = [f"s{number}" for number in range(20)]
    manifest = pd.DataFrame({name: np.nan for name in ("ra", "dec", "snr", "rv", "resolution")}, index=range(20))
    manifest = manifest.assign(spectrum_id=names, source_id=names, path="a.fits", row=0, status="")
    manifest.loc[5:8, "status"] = "unreadable"
    write_manifest(manifest, tmp_path / "m.tsv")
    monkeypatch.setattr(read_blocks, "__defaults__", (block,))
    sample = sample_manifest(tmp_path / "m.tsv", 6, 1)
    assert sample["spectrum_id"].tolist() == manifest["spectrum_id"].iloc[choose_rows(manifest, 6, 1)].tolist()
    assert sample["status"].tolist() == [""] * 6


def test_stars_of_a_file_come_once_and_without_their_flux(make_set, tmp_path):
    spectra = make_set(3, 1).select([0, 0, 1, 2])
    write_shard(tmp_path / "part.parquet", spectra, {})
    stars = read_stars(tmp_path / "part.parquet")
    assert list(stars["source_id"]) == ["star-0", "star-1", "star-2"]
    assert "flux" not in stars


def test_of_copies_the_resolutions_are_kept_and_their_noise_is_not(toy_grid):
    lists = [[{"broaden": {"resolution": power}}] for power in (3000, 4000)]
    steps = [{"by_copy": lists}, RESAMPLE, {"by_copy": [[{"add_noise": {"snr": [9, 9]}}], []]}]
    assert raw_steps(steps) == [{"by_copy": lists}, RESAMPLE]
    stars = toy_grid.labels.iloc[[7, 7]].assign(spectrum_id=["a", "b"], source_id=["set-000007"] * 2, copy=[0, 1])
    raw = simulate_raw(toy_grid, stars, steps=steps, nodes=True)
    assert list(raw.table["resolution"]) == [3000, 4000]

"""Manifests, shards, and what a survey's catalogue adds to them."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from spectrolabe.acquire.catalogues import read_catalogue
from spectrolabe.acquire.joined_manifests import join_manifests
from spectrolabe.acquire.manifests import find_folder, list_spectra, read_manifest, write_manifest
from spectrolabe.acquire.sharding import assign_shards
from spectrolabe.spectra import slices

FIRST = ["spectrum_id", "source_id", "path", "row", "ra", "dec", "snr", "rv", "resolution"]


@pytest.fixture
def survey(tmp_path):
    """Three readable files, one in a subfolder, and one that is no FITS file; dir/b names its star and its S/N."""
    folder = tmp_path / "survey"
    (folder / "dir").mkdir(parents=True)
    for name, header in {
        "a": {},
        "dir/b": {"OBJECT": "HD 1", "SNR": 50.0, "RA": 10.0},
        "c": {"OBJECT": "HD 1"},
    }.items():
        primary = fits.PrimaryHDU(np.arange(1, 21, dtype=np.float32))
        primary.header.update({"CRVAL1": 5000.0, "CDELT1": 1.0} | header)
        primary.writeto(folder / f"{name}.fits")
    (folder / "broken.fits").write_text("not a spectrum")
    return tmp_path


PATHS = ["survey/a.fits", "survey/broken.fits", "survey/c.fits", "survey/dir/b.fits"]
PATTERN = "survey/**/*.fits"


def write_catalogue(root, text):
    path = root / "labels.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("survey/*.fits", "survey"),
        ("survey/2024/*/s-*.fits", "survey/2024"),
        ("*.fits", "."),
        ("survey/one.fits", "survey"),
        ("./.hidden/x.fits", ".hidden"),
        (["survey/2023/*.fits", "survey/2024/*.fits"], "survey"),
        (["one/*.fits", "two/*.fits"], "."),
    ],
)
def test_folder_of_a_pattern_ends_before_its_first_wildcard(pattern, folder):
    assert find_folder(pattern) == folder


def test_shards_depend_on_names_alone():
    files = [f"survey/spec-{number:04d}.fits" for number in range(300)]
    shards = assign_shards(files, 50)
    # 300 files of at most 50 a shard are 6 shards, and 8 is the power of two.
    assert list(shards) == [f"{number:03d}" for number in range(8)]
    assert sorted(sum(shards.values(), [])) == files
    assert all(members == sorted(members) for members in shards.values())


@pytest.mark.parametrize("name", ["survey/aaa.fits", "survey/spec-0100a.fits", "survey/zzz.fits"])
def test_one_more_file_changes_one_shard(name):
    files = [f"survey/spec-{number:04d}.fits" for number in range(300)]
    before, after = assign_shards(files, 50), assign_shards([*files, name], 50)
    changed = [shard for shard in after if after[shard] != before[shard]]
    assert len(changed) == 1
    assert set(after[changed[0]]) - set(before[changed[0]]) == {name}


def test_crossing_a_power_of_two_splits_every_shard_in_two():
    files = [f"{number}.fits" for number in range(400)]
    before, after = assign_shards(files, 50), assign_shards([*files, "400.fits"], 50)
    assert (len(before), len(after)) == (8, 16)
    for name, members in before.items():
        low, high = after[name], after[f"{int(name) + 8:03d}"]
        assert {*low, *high} - {"400.fits"} == set(members)


def test_few_files_are_one_shard_and_none_are_none():
    assert assign_shards(["a", "b"], 5000) == {"000": ["a", "b"]}
    assert assign_shards([], 5000) == {}


def test_manifest_has_a_row_per_file_in_order(survey):
    manifest = list_spectra(PATHS, survey, PATTERN, "linear_1d")
    assert list(manifest.columns) == [*FIRST, "status"]
    assert list(manifest["spectrum_id"]) == ["a", "broken", "c", "dir/b"]
    assert list(manifest["path"]) == PATHS
    assert list(manifest["status"])[0::2] == ["", ""]
    expected = "survey/broken.fits: expected a FITS file, which starts with 'SIMPLE', found 'not a spe'"
    assert manifest["status"][1] == expected
    np.testing.assert_array_equal(manifest["snr"], [np.nan, np.nan, np.nan, 50.0])
    np.testing.assert_array_equal(manifest["ra"], [np.nan, np.nan, np.nan, 10.0])


def test_star_is_the_files_object_or_the_spectrum_itself(survey):
    manifest = list_spectra(PATHS, survey, PATTERN, "linear_1d")
    assert list(manifest["source_id"]) == ["a", "broken", "HD 1", "HD 1"]


def test_rows_do_not_depend_on_their_neighbours(survey):
    together = list_spectra(PATHS, survey, PATTERN, "linear_1d")
    alone = pd.concat([list_spectra([path], survey, PATTERN, "linear_1d") for path in PATHS], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


def test_catalogue_overrides_the_file_where_it_has_the_star(survey):
    text = (
        "file,gaia,sn,teff,teff_err,kind\n"
        "a.fits,4611686018427387905,80,5771,-9999,G2V\n"
        "dir/b,,-9999,4000,50,\n"
        "elsewhere,,1,2,3,K\n"
    )
    options = {
        "file": write_catalogue(survey, text),
        "key": "file",
        "columns": {"snr": "sn", "source_id": "gaia"},
        "missing": [-9999],
    }
    manifest = list_spectra(PATHS, survey, PATTERN, "linear_1d", options)
    assert list(manifest.columns) == [*FIRST, "teff", "teff_err", "kind", "status"]
    np.testing.assert_array_equal(manifest["snr"], [80, np.nan, np.nan, 50])
    np.testing.assert_array_equal(manifest["teff"], [5771, np.nan, np.nan, 4000])
    np.testing.assert_array_equal(manifest["teff_err"], [np.nan, np.nan, np.nan, 50])
    assert list(manifest["source_id"]) == ["4611686018427387905", "broken", "HD 1", "HD 1"]
    assert manifest["kind"][0] == "G2V"


@pytest.mark.parametrize("key", ["a", "a.fits", "survey/a.fits"])
def test_catalogue_keys_may_be_a_name_a_stem_or_a_path(survey, key):
    options = {"file": write_catalogue(survey, f"key,teff\n{key},5000\n"), "key": "key"}
    manifest = list_spectra(PATHS[:1], survey, PATTERN, "linear_1d", options)
    assert manifest["teff"][0] == 5000


def test_catalogue_may_be_a_fits_table(tmp_path):
    path = tmp_path / "labels.fits"
    columns = {"name": ["a", "b"], "source_id": [2**62 + 1, 2**62 + 3], "teff": np.array([5000.5, np.nan], np.float32)}
    Table(columns | {"several": np.ones((2, 3))}).write(path)
    catalogue = read_catalogue(path, "name")
    assert list(catalogue.columns) == ["source_id", "teff"]
    assert list(catalogue["source_id"]) == ["4611686018427387905", "4611686018427387907"]
    np.testing.assert_array_equal(catalogue["teff"], [5000.5, np.nan])


def test_a_key_may_be_a_pattern_of_columns(survey):
    text = "dir,night,teff\ndir,11,5000\nelse,12,6000\n"
    options = {"file": write_catalogue(survey, text), "key": "{dir}/{night:x}"}
    manifest = list_spectra(PATHS, survey, PATTERN, "linear_1d", options).set_index("spectrum_id")
    assert manifest["teff"].dropna().to_dict() == {"dir/b": 5000}
    assert manifest.loc["dir/b", ["dir", "night"]].tolist() == ["dir", 11]


def test_the_wanted_rows_have_the_kinds_of_the_whole_catalogue(tmp_path):
    path = write_catalogue(tmp_path, "name,run,teff\na,26,1\nb,none,2\nc,104,-9\n")
    catalogue = read_catalogue(path, "name", missing=[-9], only=["c", "a", "z"])
    assert catalogue["run"].to_dict() == {"a": "26", "c": "104"}
    assert catalogue.loc["a", "teff"] == 1.0
    assert np.isnan(catalogue.loc["c", "teff"])
    assert catalogue.dtypes.equals(read_catalogue(path, "name").dtypes)


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("name,teff\na,1\n", {"key": "{nam}"}, r"labels\.csv: expected a column 'nam', found name, teff"),
        ("name,teff\na,1\n", {"key": "{name:d}"}, r"labels\.csv: key '{name:d}': column 'name' cannot be written"),
        ("name,teff\na,1\n", {"key": "file"}, r"labels\.csv: expected a column 'file', found name, teff"),
        ("name,teff\na,1\n", {"key": "name", "columns": {"snr": "sn"}}, r"expected a column 'sn', found name, teff"),
        ("name,teff\na,1\na,2\n", {"key": "name"}, r"expected one row per value of 'name', found 'a' more than once"),
    ],
)
def test_wrong_catalogues_are_named(tmp_path, text, options, reason):
    with pytest.raises(ValueError, match=reason):
        read_catalogue(write_catalogue(tmp_path, text), **options)


def test_catalogue_in_another_format_is_named(tmp_path):
    (tmp_path / "labels.fits").write_text("no table")
    with pytest.raises(ValueError, match=r"labels\.fits: expected a CSV .* or FITS table, found neither"):
        read_catalogue(tmp_path / "labels.fits", "name")


def test_manifest_survives_writing_to_the_last_bit(survey):
    manifest = list_spectra(PATHS, survey, PATTERN, "linear_1d")
    manifest["teff"] = [0.1 + 0.2, 1e-300, np.nan, 5771.123456789012]
    path = survey / "manifests" / "000.tsv"
    write_manifest(manifest, path)
    pd.testing.assert_frame_equal(read_manifest(path), manifest, check_dtype=False)
    assert [file.name for file in path.parent.iterdir()] == ["000.tsv"]
    assert path.read_text().split("\n")[1].startswith("a\ta\tsurvey/a.fits\t0\t\t\t\t\t\t")


def test_names_that_look_like_something_else_stay_text(tmp_path):
    manifest = pd.DataFrame([dict.fromkeys([*FIRST, "status"], np.nan)])
    manifest = manifest.assign(spectrum_id="007", source_id="NA", path="nan", row=0, status="")
    write_manifest(manifest, tmp_path / "m.tsv")
    row = read_manifest(tmp_path / "m.tsv").iloc[0]
    assert (row["spectrum_id"], row["source_id"], row["path"], row["status"]) == ("007", "NA", "nan", "")


def test_empty_manifest_is_a_manifest(tmp_path):
    write_manifest(list_spectra([], tmp_path, "*.fits", "linear_1d"), tmp_path / "m.tsv")
    assert list(read_manifest(tmp_path / "m.tsv").columns) == [*FIRST, "status"]


def write_shards(folder, shards):
    paths = [folder / "shards" / f"{number:03d}.tsv" for number in range(len(shards))]
    for shard, path in zip(shards, paths, strict=True):
        write_manifest(shard, path)
    return paths


@pytest.mark.parametrize("size", [1, 3, 100])
def test_shards_join_in_order_of_names(survey, monkeypatch, size):
    monkeypatch.setattr(slices, "SLICE", size)
    shards = [list_spectra(paths, survey, PATTERN, "linear_1d") for paths in (PATHS[2:], PATHS[:2])]
    shards[0]["teff"] = 5000.0
    shards[1]["visits"] = 3
    shards[0]["note"], shards[1]["note"] = [1, 2], ["one", ""]
    join_manifests(write_shards(survey, shards), survey / "survey.tsv")
    manifest = read_manifest(survey / "survey.tsv")
    assert list(manifest["spectrum_id"]) == ["a", "broken", "c", "dir/b"]
    assert list(manifest.columns) == [*FIRST, "teff", "note", "visits", "status"]
    np.testing.assert_array_equal(manifest["teff"], [np.nan, np.nan, 5000, 5000])
    assert sorted(manifest["note"]) == ["", "1", "2", "one"]
    whole = pd.concat(shards).sort_values("spectrum_id", ignore_index=True)
    write_manifest(whole[manifest.columns], survey / "whole.tsv")
    assert (survey / "survey.tsv").read_text() == (survey / "whole.tsv").read_text()


def test_a_doubled_spectrum_is_named(survey):
    shard = list_spectra(PATHS[2:], survey, PATTERN, "linear_1d")
    with pytest.raises(ValueError, match="expected every spectrum_id once, found 'c' more than once"):
        join_manifests(write_shards(survey, [shard, shard]), survey / "survey.tsv")
    assert not (survey / "survey.tsv").exists()


def test_other_tables_are_no_manifests(tmp_path):
    (tmp_path / "m.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(ValueError, match=r"m\.tsv: expected the columns of a manifest, found no spectrum_id"):
        read_manifest(tmp_path / "m.tsv")


def test_real_lamost_survey_has_its_labels(real_data):
    files = sorted(path.relative_to(real_data).as_posix() for path in (real_data / "lamost_dr1").glob("*.fits"))
    catalogue = {
        "file": "lamost_dr1/labels.csv",
        "key": "filename",
        "columns": {"snr": "snrg"},
        "missing": [-9999],
    }
    manifest = list_spectra(files, real_data, "lamost_dr1/*.fits", "lamost_lrs", catalogue)
    assert (len(manifest), int(manifest["teff"].notna().sum())) == (89, 66)
    assert (manifest["status"] == "").all()
    assert manifest["source_id"].is_unique
    assert manifest.loc[0, ["teff", "rv", "snr"]].tolist() == [5456.41, -21.4, 71.41]
    assert manifest["snrr"].isna().any()

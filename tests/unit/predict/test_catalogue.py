"""The catalogue: columns and order that users rely on, no row lost, files that explain themselves."""

import hashlib
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import Table

from spectrolabe import VERSION
from spectrolabe.predict.catalogue import (
    add_screening,
    build_catalogue,
    order_by_manifest,
    provenance,
    read_models,
    read_predictions,
    read_screening,
    write_catalogue,
)
from spectrolabe.predict.columns import describe

NAN = np.nan
CALIBRATION = {"stretch68": 1.5, "stretch95": 4.0}
STATUS = "dir/c.fits: file is truncated"


def predictions_of(labels=("teff", "mg_fe"), aleatoric=3.0):
    """A good spectrum, one with every reason for doubt, one that cannot be read; sigma is 5 (3 and 4)."""
    rows = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "source_id": ["s", "s", "t"], "ra": [10.0, 20.0, NAN]})
    rows = rows.assign(dec=-5.0, snr=[100, 20, NAN], status=["", "", STATUS], bad_share=[0.1, 0.3, 1.0])
    for label in labels:
        of_label = {"": [5000.0, 5100.0, 5050.0], "_aleatoric": aleatoric, "_epistemic": 4.0}
        rows = rows.assign(**{f"{label}{suffix}": values for suffix, values in of_label.items()})
    return rows.assign(teff_true=[5001, NAN, 4900])


def catalogue_of(predictions=None, labels=("teff", "mg_fe"), **options):
    return build_catalogue(
        predictions_of(labels) if predictions is None else predictions,
        list(labels),
        calibration=dict.fromkeys(labels, CALIBRATION),
        ranges=dict.fromkeys(labels, [4000.0, 5090.0]),
        min_snr=30,
        max_bad_share=0.2,
        **{"max_err": {}} | options,
    )


def label_columns(label):
    errors = [f"{label}_err", f"{label}_err_aleatoric", f"{label}_err_epistemic"]
    return [label, *errors, *(f"{label}_{end}" for end in ("lo68", "hi68", "lo95", "hi95")), f"{label}_flag"]


def test_columns_and_their_order():
    first = ["spectrum_id", "source_id", "ra", "dec", "snr"]
    last = ["flag", "flag_text", "teff_true"]
    assert list(catalogue_of()) == [*first, *label_columns("teff"), *label_columns("mg_fe"), *last]


def test_values_by_hand():
    row = catalogue_of().iloc[0]
    expected = [5000, 7.5, 3, 4, 4992.5, 5007.5, 4980, 5020, 0]
    assert row[label_columns("teff")].tolist() == expected
    assert (row["flag"], row["flag_text"], row["teff_true"]) == (0, "", 5001)


def test_doubts_are_flagged_label_by_label():
    predictions = predictions_of()
    predictions.loc[1, "mg_fe"] = 5090
    row = catalogue_of(predictions).iloc[1]
    assert (row["flag"], row["teff_flag"], row["mg_fe_flag"]) == (14, 8, 0)
    assert row["flag_text"].endswith("; teff outside the training range")


def test_a_large_uncertainty_is_flagged_at_its_label():
    rows = catalogue_of(max_err={"teff": 7.4})  # all are uncertain by 7.5 K
    assert rows["teff_flag"].tolist() == [16, 24, 1]
    assert rows["mg_fe_flag"].tolist() == [0, 8, 1]
    assert rows["flag"].tolist() == [16, 30, 1]
    assert rows["flag_text"].iloc[0] == "teff uncertain by 7.5 K (limit 7.4)"


@pytest.mark.parametrize("aleatoric", [3.0, NAN])
def test_an_unreadable_spectrum_stays_as_a_row_without_labels(aleatoric):
    catalogue = catalogue_of(predictions_of(aleatoric=aleatoric))
    row = catalogue.iloc[2]
    for label in ("teff", "mg_fe"):
        assert row[label_columns(label)[:-1]].isna().all()
        assert row[f"{label}_flag"] == 1
    assert (row["spectrum_id"], row["flag"], row["flag_text"], row["teff_true"]) == ("c", 1, STATUS, 4900)
    assert catalogue.iloc[:2]["teff_hi68"].notna().all()


def test_a_catalogue_of_unreadable_spectra_alone():
    catalogue = catalogue_of(predictions_of().iloc[2:])
    assert catalogue["teff_err"].isna().all()
    assert catalogue["flag"].tolist() == [1]


def test_columns_that_no_spectrum_has_are_empty():
    catalogue = catalogue_of(predictions_of().drop(columns=["ra", "dec", "teff_true"]))
    assert catalogue[["ra", "dec"]].isna().all(axis=None)
    assert "teff_true" not in catalogue


def other_model(teff, mg_fe):
    """The spectra a, b and c in another order, labelled by a model of another grid."""
    return pd.DataFrame({"spectrum_id": ["c", "b", "a"], "teff": teff[::-1], "mg_fe": mg_fe[::-1]})


def test_spread_between_grids_by_hand():
    others = [
        other_model([5010.0, 5100, 5050], [5000.0, 5100, 5050]),
        other_model([5020.0, 5100, 5050], [5000.0, NAN, 5050]),
    ]
    catalogue = catalogue_of(others=others)
    # 5000, 5010 and 5020: the mean square distance from 5010 is 200 / 3.
    assert catalogue["teff_err_grid"].tolist() == pytest.approx([np.sqrt(200 / 3), 0, NAN], nan_ok=True)
    assert catalogue["mg_fe_err_grid"].tolist() == pytest.approx([0, NAN, NAN], nan_ok=True)


def test_the_spread_follows_the_other_parts_and_changes_nothing_else():
    catalogue = catalogue_of(others=[other_model([1.0, 2, 3], [1.0, 2, 3])])
    columns = list(catalogue)
    assert columns[columns.index("teff_err_epistemic") + 1] == "teff_err_grid"
    pd.testing.assert_frame_equal(catalogue.drop(columns=["teff_err_grid", "mg_fe_err_grid"]), catalogue_of())


def test_a_spectrum_that_another_model_lacks_stops_the_catalogue():
    with pytest.raises(KeyError, match="b"):
        catalogue_of(others=[other_model([1.0, 2, 3], [1.0, 2, 3]).drop(index=1)])


def test_shards_of_several_models_become_a_table_each(tmp_path):
    for model, shard, names in (("x", "000", ["a"]), ("x", "001", ["b"]), ("y", "000", ["a"]), ("y", "001", ["b"])):
        path = tmp_path / model / "survey" / f"{shard}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table({"spectrum_id": names, "teff": [5000.0 if model == "x" else 5100.0]})
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": "10"}), path)
    first, second = read_models(sorted(tmp_path.rglob("*.parquet")))
    assert first["spectrum_id"].tolist() == second["spectrum_id"].tolist() == ["a", "b"]
    assert (first["teff"].unique().tolist(), second["teff"].unique().tolist()) == ([5000], [5100])


def test_many_labels():
    labels = [f"x{number}_fe" for number in range(30)]
    assert catalogue_of(labels=labels).shape == (3, 5 + 9 * 30 + 2)


def write_manifest(path, names):
    path.write_text("spectrum_id\tpath\n" + "".join(f"{name}\t{name}.fits\n" for name in names))
    return path


def test_what_the_manifest_says_of_clusters_is_carried_on(tmp_path):
    lines = ["spectrum_id\tcluster\tcluster_feh\tcluster_age", "c\t\t\t", "a\tNGC 104\t-0.72\t12.8", "b\t47\t-0.5\t"]
    (tmp_path / "survey.tsv").write_text("\n".join(lines) + "\n")
    catalogue = catalogue_of(order_by_manifest(predictions_of(), tmp_path / "survey.tsv"))
    assert catalogue["spectrum_id"].tolist() == ["c", "a", "b"]
    assert catalogue["cluster"].tolist() == ["", "NGC 104", "47"]
    np.testing.assert_array_equal(catalogue["cluster_feh"], [NAN, -0.72, -0.5])
    np.testing.assert_array_equal(catalogue["cluster_age"], [NAN, 12.8, NAN])
    paths = tmp_path / "survey.parquet", tmp_path / "survey.fits"
    write_catalogue(catalogue, *paths, {})
    table = Table.read(paths[1], hdu="CATALOGUE")
    assert list(table["cluster"].filled("")) == ["", "NGC 104", "47"]
    assert table["cluster_age"].unit == units.Gyr


def test_what_a_survey_states_stands_beside_the_truth():
    predictions = predictions_of().assign(mg_fe_true=0.3, mg_fe_survey=0.4, mg_fe_survey_err=0.1)
    columns = ["teff_true", "mg_fe_true", "mg_fe_survey", "mg_fe_survey_err"]
    catalogue = catalogue_of(predictions)
    assert list(catalogue)[-4:] == columns
    assert catalogue[columns[1:]].iloc[2].tolist() == [0.3, 0.4, 0.1]


@pytest.fixture
def screened(tmp_path):
    """Files that screen the spectra a (inner), b (outer) and c (which cannot be read and is not in the map)."""
    placed = pd.DataFrame({"spectrum_id": ["b", "a"], "inner": [False, True], "x": 0.0})
    verdicts = pd.DataFrame(
        {"spectrum_id": ["a", "c", "b"], "sound": [True, False, False], "reason": ["", STATUS, "émission"]}
    )
    verdicts["part"] = ["test", "", ""]
    paths = [tmp_path / name for name in ("map.parquet", "000.parquet", "001.parquet")]
    for table, path in zip((placed, verdicts[:2], verdicts[2:]), paths, strict=True):
        table.to_parquet(path)
    return paths


def test_screened_spectra(screened, tmp_path):
    catalogue = catalogue_of(add_screening(predictions_of(), *read_screening(screened)))
    assert catalogue["part"].tolist() == ["test", "", ""]
    assert catalogue["screening"].tolist() == ["inner", "outer", "outer"]
    assert catalogue["screening_reason"].tolist() == ["", "émission", STATUS]
    assert (catalogue["flag"] & 32).tolist() == [0, 32, 0]
    assert catalogue["flag_text"].iloc[1].endswith("; unlike the training spectra: émission")
    write_catalogue(catalogue, tmp_path / "c.parquet", tmp_path / "c.fits", {})
    table = Table.read(tmp_path / "c.fits", hdu="CATALOGUE")
    assert list(table["screening_reason"].filled("")) == ["", "\\xe9mission", STATUS]


def test_a_sound_spectrum_apart_from_the_others_is_outer():
    placed = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "inner": [False, True, False]})
    verdicts = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "part": "", "sound": True, "reason": ""})
    rows = add_screening(predictions_of(), placed, verdicts)
    assert rows["screening_reason"].tolist() == [
        "apart from them in the joint map",
        "",
        "apart from them in the joint map",
    ]


def test_a_spectrum_that_nobody_screened_is_not_known_to_be_inner():
    nobody = pd.DataFrame({"spectrum_id": [], "part": [], "inner": [], "sound": [], "reason": []}, dtype=object)
    rows = add_screening(predictions_of(), nobody, nobody)
    assert set(rows["screening"]) == {"outer"}
    assert set(rows["screening_reason"]) == {"not screened"}


def test_rows_follow_the_manifest(tmp_path):
    rows = pd.DataFrame({"spectrum_id": ["b", "NA", "a"], "snr": [2, 3, 1]})
    ordered = order_by_manifest(rows, write_manifest(tmp_path / "survey.tsv", ["a", "b", "NA"]))
    assert ordered["spectrum_id"].tolist() == ["a", "b", "NA"]
    assert ordered["snr"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (["a", "b"], r"survey\.tsv: 3 spectra are listed and 2 predicted; they differ in \['c'\]"),
        (["a", "b", "c", "d"], r"survey\.tsv: 3 spectra are listed and 4 predicted; they differ in \['d'\]"),
        (["a", "b", "c", "c"], r"survey\.tsv: 3 spectra are listed and 4 predicted"),
    ],
)
def test_a_lost_or_unknown_row_ends_in_one_sentence(tmp_path, predicted, message):
    manifest = write_manifest(tmp_path / "survey.tsv", ["a", "b", "c"])
    with pytest.raises(ValueError, match=message):
        order_by_manifest(pd.DataFrame({"spectrum_id": predicted}), manifest)


def test_predictions_of_shards_are_joined_and_their_rate_is_the_mean(tmp_path):
    # 30 spectra at 10 a second and 10 at 5: 40 in 5 seconds.
    for shard, (count, rate) in enumerate([(30, 10), (10, 5)]):
        table = pa.table({"spectrum_id": [f"{shard}-{row}" for row in range(count)]})
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": str(rate)}), tmp_path / f"{shard}.parquet")
    rows, rate = read_predictions([tmp_path / "0.parquet", tmp_path / "1.parquet"])
    assert rows["spectrum_id"].iloc[[0, 30, 39]].tolist() == ["0-0", "1-0", "1-9"]
    assert rows.index.tolist() == list(range(40))
    assert rate == pytest.approx(8)


@pytest.mark.parametrize(
    ("column", "meaning", "unit", "ucd"),
    [
        ("teff", "effective temperature", "K", "phys.temperature.effective"),
        ("teff_err_epistemic", "the networks' disagreement", "K", "stat.error;phys.temperature.effective"),
        ("teff_err_grid", "between grids of training, a LOWER bound", "K", "stat.stdev;phys.temperature.effective"),
        ("alpha_fe_lo95", "lower end of the 95 % interval", "dex", "stat.min;phys.abund"),
        ("feh_true", "reference value", "dex", "phys.abund.Fe"),
        ("teff_flag", "bit mask", "", "meta.code"),
        ("flag", "bit mask", "", "meta.code"),
        ("ra", "right ascension", "deg", "pos.eq.ra"),
        # Labels that only their name describes.
        ("vrad_err", "vrad, total uncertainty", "km/s", "stat.error"),
        ("strength_hi68", "strength, upper end", "dex", "stat.max"),
        ("strength", "strength", "dex", ""),
        ("mg_fe", "abundance [Mg/Fe]", "dex", "phys.abund"),
        ("al_h_hi68", "abundance [Al/H], upper end", "dex", "stat.max;phys.abund"),
        ("mg_fe_flag", "abundance [Mg/Fe], reasons for doubt", "", "meta.code"),
        ("a_mg", "abundance A(Mg), logarithm of the atoms to 1e12 of hydrogen", "dex", "phys.abund"),
        ("a_fe_err", "abundance A(Fe), logarithm", "dex", "stat.error;phys.abund.Fe"),
        ("teff_survey", "effective temperature, as the survey gives it", "K", "phys.temperature.effective"),
        ("mg_fe_survey_err", "[Mg/Fe], uncertainty that the survey gives", "dex", "stat.error;phys.abund"),
        ("screening", "inner or outer", "", "meta.code.class"),
        ("screening_reason", "why the spectrum is unlike", "", "meta.note"),
        ("part", "part of a training set", "", "meta.code.class"),
    ],
)
def test_every_column_is_described(column, meaning, unit, ucd):
    described = describe(column)
    assert meaning in described[0]
    assert described[1:] == (unit, ucd)


@pytest.fixture
def written(tmp_path):
    """A catalogue's files, and the checksums of the two files of one name that it rests on."""
    sources = [tmp_path / folder / "cnn.json" for folder in ("calibration", "kept")]
    for source in sources:
        source.parent.mkdir()
        source.write_text(source.parent.name)
    predictions = predictions_of().assign(source_id=["Štern", "s", "t"])
    paths = tmp_path / "survey.parquet", tmp_path / "survey.fits"
    write_catalogue(catalogue_of(predictions), *paths, provenance("my_survey", sources, 1234.5))
    return *paths, {f"sha256 {s.parent.name}/cnn.json": hashlib.sha256(s.read_bytes()).hexdigest() for s in sources}


def test_the_parquet_catalogue_explains_itself(written):
    parquet, _, checksums = written
    schema = pq.read_schema(parquet)
    about = {key.decode(): value.decode() for key, value in schema.metadata.items()}
    assert about["recipe"] == "my_survey"
    assert about["software"] == f"Spectrolabe {VERSION}"
    assert about["FLAGBIT2"].startswith("low_snr: ")
    assert {key: about.get(key) for key in checksums} == checksums
    assert {"numpy", "pandas", "pyarrow", "astropy"} <= about.keys()
    of_column = schema.field("teff_lo68").metadata
    assert of_column[b"unit"] == b"K"
    assert of_column[b"ucd"] == b"stat.min;phys.temperature.effective"
    assert of_column[b"description"] == b"effective temperature, lower end of the 68 % interval"
    pd.testing.assert_frame_equal(
        pd.read_parquet(parquet), catalogue_of(predictions_of().assign(source_id=["Štern", "s", "t"]))
    )


def test_the_fits_catalogue_explains_itself(written):
    _, path, checksums = written
    with warnings.catch_warnings(record=True) as caught, fits.open(path) as hdus:
        warnings.simplefilter("always")
        hdus.verify("exception")
        header = hdus["CATALOGUE"].header.copy()
        table = Table.read(hdus["CATALOGUE"])
    assert not caught
    assert header["recipe"] == "my_survey"
    assert header["spectra_per_second"] == "1234.5"
    assert header["FLAGBIT8"].startswith("outside_training_range: ")
    assert {key: header.get(key) for key in checksums} == checksums
    assert table.colnames == list(catalogue_of())
    position = table.colnames.index("teff_err") + 1
    assert header[f"TUCD{position}"] == "stat.error;phys.temperature.effective"
    assert header[f"TCOMM{position}"] == "effective temperature, total uncertainty, calibrated, 1 sigma"
    assert table["teff_err"].unit == units.K
    assert table["ra"].unit == units.deg
    assert table["mg_fe"].unit is None


def test_the_fits_catalogue_has_the_rows_of_the_parquet_one(written):
    parquet, path, _ = written
    expected, table = pd.read_parquet(parquet), Table.read(path)
    assert len(table) == 3
    for column in expected.select_dtypes("number"):
        np.testing.assert_array_equal(np.ma.filled(table[column].astype(float), NAN), expected[column])
    assert list(table["flag_text"].filled("")) == expected["flag_text"].tolist()
    assert list(table["source_id"]) == ["\\u0160tern", "s", "t"]


def test_no_temporary_file_is_left(written):
    assert sorted(path.name for path in written[0].parent.iterdir() if path.is_file()) == [
        "survey.fits", "survey.parquet",
    ]  # fmt: skip

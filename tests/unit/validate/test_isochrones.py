import h5py
import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.isochrones import covered_metallicities, nearest_isochrone, read_isochrones

COLUMNS = ["eep", "age", "log_g", "Teff"]


def write_grid(path, storage="sparse_v1", shape=(2, 2, 9, 4)):
    """Metallicities -1 and 0, ages of 1 and 10 Gyr: isochrones of 2, 0, 3 and 1 points, one of them without numbers."""
    points = [[5, 9, 4.5, 5000], [6, 9, 3.0, 4500], [1, 9, 4.4, 6000], [2, 9, np.nan, np.nan], [3, 9, 2.0, 4400]]
    points.append([8, 10, 1.0, 4000])
    with h5py.File(path, "w") as file:
        file.attrs["columns"] = np.array(COLUMNS, dtype=object)
        file.attrs["storage"], file.attrs["shape"] = storage, shape
        file["feh_values"], file["age_values"] = [-1.0, 0.0], [9.0, 10.0]
        file["lengths"], file["offsets"] = [2, 0, 3, 1], [5, 0, 1, 8]
        file["values"] = np.array(points, np.float32)


def test_a_grid_is_unfolded(tmp_path):
    write_grid(tmp_path / "grid.h5")
    table = read_isochrones(tmp_path / "grid.h5")
    assert table.columns.tolist() == ["feh", "age", "teff", "logg"]
    assert table["feh"].tolist() == [-1, -1, 0, 0, 0]
    assert table["age"].tolist() == [1, 1, 1, 1, 10]
    assert table["teff"].tolist() == [5000, 4500, 6000, 4400, 4000]
    assert table["logg"].tolist() == [4.5, 3.0, pytest.approx(4.4), 2.0, 1.0]


@pytest.mark.parametrize("odd", [{"storage": "dense"}, {"shape": (2, 4, 2, 9, 4)}])
def test_another_layout_is_refused_by_name(tmp_path, odd):
    write_grid(tmp_path / "grid.h5", **odd)
    with pytest.raises(ValueError, match=r"grid\.h5: expected a grid of lachesis-grids"):
        read_isochrones(tmp_path / "grid.h5")


def test_a_table_is_read_and_a_missing_column_named(tmp_path):
    frame = pd.DataFrame({"teff": [5000, 4500], "logg": [4.5, np.nan], "feh": 0, "age": 8, "mass": 1})
    frame.to_csv(tmp_path / "table.csv", index=False)
    assert read_isochrones(tmp_path / "table.csv").to_dict("records") == [
        {"feh": 0, "age": 8, "teff": 5000, "logg": 4.5}
    ]
    frame.drop(columns=["feh", "age"]).to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(ValueError, match=r"table\.csv: expected the columns feh, age, teff, logg, found no feh, age"):
        read_isochrones(tmp_path / "table.csv")


def test_masses_phases_and_magnitudes_are_read_where_a_file_has_them(tmp_path):
    write_grid(tmp_path / "grid.h5")
    table = read_isochrones(tmp_path / "grid.h5", further=True)
    assert table.columns.tolist() == ["feh", "age", "teff", "logg", "eep"]
    assert table["eep"].tolist() == [5, 6, 1, 3, 8]
    frame = pd.DataFrame({"teff": [5000, 4500], "logg": 4.5, "feh": 0, "age": 8, "mass": [1, np.nan], "k": 3.3})
    frame.to_csv(tmp_path / "table.csv", index=False)
    assert read_isochrones(tmp_path / "table.csv", further=True).to_dict("records") == [
        {"feh": 0, "age": 8, "teff": 5000, "logg": 4.5, "mass": 1, "k": 3.3}
    ]


@pytest.fixture
def isochrones():
    """Metallicities -1 and 0 at 5 and 13 Gyr, each turning to the white dwarfs after its tip."""
    points = {"teff": [4500.0, 6000, 4000, 30000], "logg": [4.7, 4.2, 0.5, 7.5]}
    parts = [pd.DataFrame(points).assign(feh=feh, age=age) for feh in (-1.0, 0.0) for age in (5.0, 13.0)]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("feh", "age", "nearest"), [(-0.6, 8, (-1, 5)), (-0.4, 10, (0, 13)), (-3, 99, (-1, 13)), (1, 0.1, (0, 5))]
)
def test_the_nearest_isochrone_ends_at_its_tip(isochrones, feh, age, nearest):
    line = nearest_isochrone(isochrones, feh, age)
    assert (line["feh"].iloc[0], line["age"].iloc[0]) == nearest
    assert line["teff"].tolist() == [4500, 6000, 4000]


def test_metallicities_span_those_of_the_stars():
    isochrones = pd.DataFrame({"feh": np.arange(-4, 0.6, 0.25)})
    assert covered_metallicities(isochrones, pd.Series(np.linspace(-1.05, 0.05, 50))) == [-1, -0.75, -0.5, -0.25, 0]
    assert covered_metallicities(isochrones, pd.Series(np.linspace(-4, 0.5, 50)), count=3) == [-3.75, -1.75, 0.25]
    assert covered_metallicities(isochrones, pd.Series([-0.4, -0.39])) == [-0.5]

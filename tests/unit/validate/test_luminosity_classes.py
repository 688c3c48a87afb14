"""Giants, subgiants and dwarfs by the limits of Ciardi et al. 2011, counted and drawn."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.luminosity_classes import (
    class_rows,
    classify_stars,
    count_classes,
    dwarf_limit,
    share_error,
)
from spectrolabe.validate.luminosity_figures import plot_luminosity_classes
from spectrolabe.validate.report_sections import describe_sections
from spectrolabe.validate.style import save_figure


def make_catalogue(*, truth=True):
    """Three dwarfs, one of them in truth a subgiant; a subgiant; a giant; a doubtful giant; one without labels."""
    frame = pd.DataFrame(
        {
            "teff": [5800.0, 5500, 5000, 5000, 4800, 4500, np.nan],
            "logg": [4.4, 4.5, 4.0, 3.7, 2.5, 2.0, np.nan],
            # 8: outside the training range; 512 is a caution alone.
            "flag": [0, 512, 0, 0, 0, 8, 1],
        }
    )
    if truth:
        frame["teff_true"] = frame["teff"].fillna(5000)
        frame["logg_true"] = [4.4, 4.5, 3.7, 3.7, 2.5, np.nan, 4.5]
    return frame


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_limits_of_dwarfs():
    # 5.2 - 2.8e-4 * 5000 = 3.8.
    limits = dwarf_limit(np.array([4000, 4250, 5000, 6000, 7000, np.nan]))
    np.testing.assert_allclose(limits, [4.0, 4.0, 3.8, 3.5, 3.5, np.nan])


@pytest.mark.parametrize(
    ("teff", "logg", "name"),
    [
        (5000, 3.81, "dwarf"),
        (5000, 3.79, "subgiant"),
        (5000, 3.5, "subgiant"),
        (5000, 3.49, "giant"),
        (6500, 3.5, "dwarf"),
        (6500, 3.4, "giant"),
        (4000, 3.9, "subgiant"),
        (np.nan, 4.5, ""),
        (5000, np.nan, ""),
    ],
)
def test_classes(teff, logg, name):
    assert classify_stars([teff], [logg]).tolist() == [name]


def test_classes_are_counted_beside_the_true_ones():
    counts = count_classes(make_catalogue()).set_index(["group", "class"])
    assert counts.loc["sound", "n"].to_dict() == {"giant": 1, "subgiant": 1, "dwarf": 3, "giant or subgiant": 2}
    assert counts.loc[("sound", "giant or subgiant"), "share"] == 0.4
    # What is predicted a dwarf: no giant, one subgiant, two dwarfs.
    assert counts.loc[("sound", "dwarf"), ["known", "giant", "subgiant", "dwarf"]].tolist() == [3, 0, 1, 2]
    # The doubtful giant has no reference labels.
    assert counts.loc[("doubtful", "giant"), ["n", "share", "known"]].tolist() == [1, 1, 0]


def test_errors_of_shares_are_binomial_and_never_nothing():
    assert share_error(800, 1000) == pytest.approx(np.sqrt(0.8 * 0.2 / 1000), rel=0.01)
    assert share_error(0, 5) > 0.05
    assert np.isnan(share_error(0, 0))


def test_a_catalogue_without_reference_labels_has_no_matrix(tmp_path):
    path = tmp_path / "remap" / "candidates.csv"
    path.parent.mkdir()
    count_classes(make_catalogue(truth=False)).to_csv(path, index=False)
    rows = class_rows(path)
    assert [row["class"] for row in rows] == ["giant", "subgiant", "dwarf", "giant or subgiant"] * 2
    # 2.5 and 3.5 of six: sqrt(2.5 * 3.5 / (36 * 7)).
    assert rows[3]["share"] == "40.0 ± 18.6 %"
    assert {row[name] for row in rows for name in ("giant", "subgiant", "dwarf")} == {"–"}


def test_classes_have_their_place_in_the_report(tmp_path):
    path = tmp_path / "validate" / "classes" / "remap" / "candidates-test.csv"
    path.parent.mkdir(parents=True)
    sound = make_catalogue().assign(flag=0)
    count_classes(sound).to_csv(path, index=False)
    (section,) = describe_sections([], [path])
    assert section["title"] == "Luminosity classes"
    (table,) = section["tables"]
    assert table["title"] == "remap on candidates-test: giants, subgiants and dwarfs"
    assert len(table["rows"]) == 4


@pytest.mark.parametrize("truth", [True, False])
def test_classes_are_drawn_with_their_limits(truth, tmp_path):
    figure = plot_luminosity_classes(make_catalogue(truth=truth))
    assert len(figure.axes) == (2 if truth else 1)
    axes = figure.axes[0]
    assert axes.xaxis_inverted()
    assert axes.yaxis_inverted()
    dwarfs, giants = axes.lines
    assert np.interp(5000, *dwarfs.get_data()) == pytest.approx(3.8)
    assert set(giants.get_ydata()) == {3.5}
    assert "dwarfs: 60.0 % (3)" in texts(figure)
    assert "doubtful (1)" in texts(figure)
    save_figure(figure, tmp_path / "classes.png")


def test_limits_are_drawn_of_cool_stars_alone(tmp_path):
    cool = make_catalogue(truth=False).assign(teff=[3900, 3950, 3900, 4000, 4000, 4000, np.nan])
    figure = plot_luminosity_classes(cool)
    assert set(figure.axes[0].lines[0].get_ydata()) == {4.0}
    save_figure(figure, tmp_path / "cool.png")


def test_a_catalogue_without_gravity_says_so():
    assert "Teff and log g" in texts(plot_luminosity_classes(make_catalogue().drop(columns="logg")))

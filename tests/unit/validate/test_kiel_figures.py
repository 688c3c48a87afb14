import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.clusters import summarise_clusters
from spectrolabe.validate.kiel_figures import plot_clusters, plot_kiel, plot_kiel_evolution
from spectrolabe.validate.style import save_figure


def make_catalogue(count, *, truth=True):
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"flag": np.arange(count) % 10 == 9})
    for label, (low, high) in {"teff": (4000, 7000), "logg": (0.5, 5), "feh": (-2.5, 0.5)}.items():
        frame[label] = rng.uniform(low, high, count)
        if truth:
            frame[f"{label}_true"] = frame[label]
    return frame


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.fixture
def isochrones():
    """Two ages at two metallicities, of four points each."""
    points = {"teff": [4500.0, 6000, 5000, 4000], "logg": [4.7, 4.2, 3.0, 1.0]}
    parts = [pd.DataFrame(points).assign(feh=feh, age=age) for feh in (-1.0, 0.0) for age in (4.0, 12.0)]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("truth", [True, False])
def test_kiel_draws_surveys_and_test_sets(truth, tmp_path):
    figure = plot_kiel(make_catalogue(20, truth=truth))
    assert len(figure.axes) == (3 if truth else 2)  # the last one is the colour bar
    assert figure.axes[0].xaxis_inverted()
    assert figure.axes[0].yaxis_inverted()
    save_figure(figure, tmp_path / "kiel.png")


def test_kiel_without_metallicity_has_no_colour_bar():
    assert len(plot_kiel(make_catalogue(20, truth=False).drop(columns="feh")).axes) == 1


def test_kiel_without_gravity_says_so():
    assert "Teff and log g" in texts(plot_kiel(make_catalogue(5).drop(columns="logg")))


def test_kiel_of_unreadable_spectra_says_so():
    catalogue = make_catalogue(3, truth=False)
    catalogue[["teff", "logg"]] = np.nan
    assert "Teff and log g" in texts(plot_kiel(catalogue))


def test_isochrones_of_the_stars_metallicities_are_drawn_in_both_panels(isochrones, tmp_path):
    catalogue = make_catalogue(20)
    figure = plot_kiel(catalogue, isochrones, age=10)
    for axes in figure.axes[:2]:
        assert [line.get_label() for line in axes.lines] == ["12 Gyr, [Fe/H] −1.00", "12 Gyr, [Fe/H] +0.00"]
    without = plot_kiel(catalogue).axes[0]
    assert figure.axes[0].get_xlim() == without.get_xlim()
    save_figure(figure, tmp_path / "kiel.png")


@pytest.fixture
def members():
    """A cluster of two stars, one with two spectra; one of one star; a flagged spectrum and a field star."""
    rows = [
        ("a", "NGC 104", 0, -0.80, -0.7),
        ("a", "NGC 104", 0, -0.60, -0.7),
        ("b", "NGC 104", 0, -0.90, -0.7),
        ("c", "M67", 0, 0.10, 0.0),
        ("d", "M67", 8, 9.00, 0.0),
        ("e", "", 0, 0.50, np.nan),
    ]
    members = pd.DataFrame(rows, columns=["source_id", "cluster", "flag", "feh", "cluster_feh"])
    return members.assign(feh_err=0.05, teff=5000.0, logg=[2.0, 2.1, 4.5, 4.4, 4.4, 1.0])


def test_clusters_are_averaged_over_their_stars(members):
    clusters = summarise_clusters(members).set_index("cluster")
    assert clusters.index.tolist() == ["NGC 104", "M67"]  # as the literature orders them
    assert clusters["stars"].tolist() == [2, 1]
    assert clusters["feh"].tolist() == pytest.approx([-0.8, 0.1])  # -0.7 and -0.9
    assert clusters["feh_std"].tolist() == pytest.approx([np.sqrt(0.02), np.nan], nan_ok=True)
    assert clusters["feh_err"].tolist() == pytest.approx([0.05, 0.05])
    assert clusters["feh_literature"].tolist() == [-0.7, 0.0]


def test_clusters_unknown_to_the_literature_are_averaged_too(members):
    clusters = summarise_clusters(members.drop(columns="cluster_feh"))
    assert clusters["feh_literature"].isna().all()
    assert len(plot_clusters(members.drop(columns="cluster_feh")).axes) == 3


def test_no_clusters_are_an_empty_table(members):
    assert len(summarise_clusters(members.drop(columns="cluster"))) == 0
    assert len(summarise_clusters(members.assign(flag=1))) == 0
    assert "cluster" in texts(plot_clusters(members.drop(columns="cluster")))


def test_clusters_have_a_panel_each_with_their_own_isochrone(members, isochrones, tmp_path):
    ages = members["cluster"].map({"NGC 104": 12.8, "M67": np.nan})
    figure = plot_clusters(members.assign(cluster_age=ages), isochrones, age=4)
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["NGC 104 (2)", "M67 (1)"]
    shown = [axes.texts[0].get_text() for axes in figure.axes[:2]]
    assert shown == ["[Fe/H] −1.00\n12 Gyr", "[Fe/H] +0.00\n4 Gyr"]
    assert len(figure.axes[2].lines) > 0
    save_figure(figure, tmp_path / "clusters.png")


def make_evolution(epochs, kept):
    stars = make_catalogue(30, truth=False)[["teff", "logg", "feh"]]
    references = stars.rename(columns=lambda label: f"{label}_reference")
    parts = [pd.concat([stars, references], axis=1).assign(epoch=epoch, kept=epoch == kept) for epoch in epochs]
    return pd.concat(parts, ignore_index=True)


def test_the_evolution_has_a_panel_for_the_catalogue_and_for_every_epoch(tmp_path):
    evolution = make_evolution([1, 10, 57], kept=57)
    evolution.loc[evolution["epoch"] == 1, "teff"] += 5000
    figure = plot_kiel_evolution(evolution)
    *panels, _ = figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["Catalogue", "1 epoch", "10 epochs", "57 epochs, kept"]
    # What the first epoch says by mistake does not squeeze the others.
    assert panels[0].get_xlim()[0] < 8000
    assert panels[0].xaxis_inverted()
    assert panels[0].yaxis_inverted()
    save_figure(figure, tmp_path / "evolution.png")


def test_the_evolution_needs_temperature_and_gravity_alone():
    evolution = make_evolution([1, 2], kept=1)
    assert len(plot_kiel_evolution(evolution.drop(columns=["feh", "feh_reference"])).axes) == 3
    assert "Teff and log g" in texts(plot_kiel_evolution(evolution.drop(columns=["logg"])))

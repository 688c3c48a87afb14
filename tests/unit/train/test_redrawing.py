"""Redrawn training and validation stars: by star, in the same shares, another choice for every seed."""

from dataclasses import replace

import numpy as np
import pytest

from spectrolabe.train.redrawing import redraw_parts


@pytest.fixture
def parts(make_set):
    """300 and 200 spectra, two of each star."""

    def of_stars(count, seed, first):
        spectra = make_set(count, seed)
        names = [f"spectrum-{first + row}" for row in range(count)]
        stars = [f"star-{(first + row) // 2}" for row in range(count)]
        return replace(spectra, table=spectra.table.assign(spectrum_id=names, source_id=stars))

    return of_stars(300, 1, 0), of_stars(200, 2, 300)


def names(spectra):
    return set(spectra.table["spectrum_id"])


def test_stars_are_drawn_from_both_parts_in_the_same_shares(parts):
    training, validation = redraw_parts(*parts, seed=5)
    assert names(training) | names(validation) == names(parts[0]) | names(parts[1])
    assert not names(training) & names(validation)
    assert not set(training.table["source_id"]) & set(validation.table["source_id"])
    # 250 stars, each validated with a chance of 0.4: within three standard deviations of 100 stars.
    assert abs(len(validation) / 2 - 100) < 3 * np.sqrt(250 * 0.4 * 0.6)
    for before in parts:
        assert names(before) & names(training)
        assert names(before) & names(validation)


def test_spectra_stay_with_their_labels(parts):
    training, _ = redraw_parts(*parts, seed=5)
    depth = 1 - training.flux[:, 5]
    np.testing.assert_allclose(depth, (training.table["teff"] - 4000) / 6000, atol=1e-6)


def test_the_choice_depends_on_the_seed_and_the_stars_names_alone(parts):
    _, first = redraw_parts(*parts, seed=5)
    _, again = redraw_parts(parts[0].select(np.arange(300)[::-1]), parts[1], seed=5)
    _, other = redraw_parts(*parts, seed=6)
    assert names(first) == names(again) != names(other)

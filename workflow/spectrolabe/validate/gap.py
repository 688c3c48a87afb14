"""The synthetic gap: how far synthetic spectra are from observed ones, drawn as a map and measured by neighbours."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.table import Spectra

COMPONENTS = 50
NEIGHBOURS = 5
MOST_FOLDS = 10
STAGES = ("raw", "prepared")
#: Fewer stars than this say nothing of neighbours.
LEAST_STARS = NEIGHBOURS


def measure_gap(
    raw: Spectra, prepared: Spectra, observed: str, perplexity: float, seed: int
) -> tuple[pd.DataFrame, dict]:
    """Give a map of synthetic and observed spectra, raw and prepared, and how well neighbours tell the two apart.

    Each form is reduced to `COMPONENTS` principal components, and those by t-SNE to a map. In both spaces a classifier
    by nearest neighbours says of each spectrum whether it is synthetic, judged on stars (with their twins) that it was
    not fitted to: a balanced accuracy of 0.5 means that it cannot tell, 1 that it always can.

    Parameters
    ----------
    raw, prepared : the same spectra in either form, with the columns ``source``, ``pair`` and ``star`` of
        `spectrolabe.prepare.twins`.
    observed : the source that is observed; each other one is set against it by itself.
    perplexity : of t-SNE, the number of neighbours that a spectrum is kept near to.

    Returns
    -------
    table : spectrum_id, source, star, and ``raw_x``, ``raw_y``, ``prepared_x``, ``prepared_y``.
    numbers : of the raw and the prepared spectra, for each synthetic source ``n`` (pairs), ``components`` and ``map``
        (balanced accuracies, None below `LEAST_STARS` stars) and ``chance`` (what one would scatter by if it guessed).
        Without any usable spectrum there are neither.
    """
    table = raw.table[["spectrum_id", "source", "star", "pair"]].copy()
    numbers = {"observed": observed, "neighbours": NEIGHBOURS}
    if table.empty:
        return table.drop(columns="pair"), numbers
    for stage, values in zip(STAGES, (raw_values(raw), prepared.flux), strict=True):
        components = reduce_spectra(values, seed)
        points = draw_map(components, perplexity, seed)
        numbers[stage] = compare_sources(table, {"components": components, "map": points}, observed)
        table[f"{stage}_x"], table[f"{stage}_y"] = points.T
    return table.drop(columns="pair"), numbers


def raw_values(raw: Spectra) -> np.ndarray:
    """Give raw flux over its own median, so that units tell nothing, with straight lines over missing pixels."""
    missing = raw.ivar <= 0
    level = np.nanmedian(np.where(missing, np.nan, raw.flux), axis=1, keepdims=True)
    return bridge(raw.flux, missing) / level


def reduce_spectra(values: np.ndarray, seed: int) -> np.ndarray:
    """Give the principal components of spectra, shape (n_spectra, at most `COMPONENTS`)."""
    from sklearn.decomposition import PCA

    return PCA(min(COMPONENTS, *values.shape), random_state=seed % 2**32).fit_transform(values.astype(float))


def draw_map(components: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """Give the t-SNE map of spectra, shape (n_spectra, 2); of few, the perplexity is a third of their number at most.

    Its axes have no meaning; only what lies near what has.
    """
    from openTSNE import TSNE

    if len(components) < 4:
        return np.asarray(components[:, :2], float)
    perplexity = min(perplexity, (len(components) - 1) / 3)
    embed = TSNE(perplexity=perplexity, neighbors="exact", random_state=seed % 2**32)
    return np.asarray(embed.fit(components), float)


def compare_sources(table: pd.DataFrame, spaces: Mapping[str, np.ndarray], observed: str) -> dict[str, dict]:
    """Give for each synthetic source its number of pairs and the balanced accuracy in each space."""
    numbers = {}
    for source in dict.fromkeys(table["source"]):
        if source == observed:
            continue
        synthetic = (table["source"] == source).to_numpy()
        partners = (table["source"] == observed) & table["pair"].isin(table["pair"][synthetic])
        rows = np.flatnonzero(synthetic | partners)
        stars, count = table["star"].iloc[rows], int(synthetic.sum())
        scores = {name: tell_apart(points[rows], synthetic[rows], stars) for name, points in spaces.items()}
        numbers[source] = {"n": count, **scores, "chance": float(np.sqrt(1 / (8 * count)))}
    return numbers


def tell_apart(points: np.ndarray, synthetic: np.ndarray, stars: pd.Series) -> float | None:
    """Give the balanced accuracy of a nearest-neighbour classifier on stars that it was not fitted to.

    Parameters
    ----------
    points : shape (n_spectra, n_dimensions).
    synthetic : whether a spectrum is synthetic; as many are as are not.
    stars : the observed star of each spectrum or of its twin: both stand on the same side.
    """
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    if stars.nunique() < LEAST_STARS:
        return None
    folds = GroupKFold(min(MOST_FOLDS, stars.nunique()))
    guessed = cross_val_predict(KNeighborsClassifier(NEIGHBOURS), points, synthetic, groups=stars, cv=folds)
    return float(balanced_accuracy_score(synthetic, guessed))

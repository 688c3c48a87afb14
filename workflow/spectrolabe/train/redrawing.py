"""Training and validation stars drawn anew: others for each member, or for each fold of a cross-validation."""

import numpy as np

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.stored import AnySpectra, join


def redraw_parts(training: AnySpectra, validation: AnySpectra, seed: int) -> tuple[AnySpectra, AnySpectra]:
    """Draw training and validation stars from both parts together, in the shares that the two have now.

    All spectra of a star stay together. A star's part depends on ``seed`` and its own name; ``seed`` is the member's.
    """
    share = len(validation) / (len(training) + len(validation))
    together = join([training, validation])
    return _part_stars(together, lambda star: derive_seed(seed, "redraw", star) / 2**64 < share)


def leave_out_fold(
    training: AnySpectra, validation: AnySpectra, *, fold: int, folds: int, seed: int
) -> tuple[AnySpectra, AnySpectra]:
    """Give the stars of both parts together that are in the other folds, to train on, and those of the fold.

    All spectra and copies of a star stay together, as they are in their part. A star's fold, from 0 to ``folds`` - 1,
    depends on ``seed`` and its own name, so that folds hold about as many stars each.

    Raises
    ------
    ValueError
        Where no star is in the fold, or none in the others.
    """
    together = join([training, validation])
    trained, judged = _part_stars(together, lambda star: derive_seed(seed, "fold", star) % folds == fold)
    if not len(trained) or not len(judged):
        found = f"{len(judged)} spectra in fold {fold} of {folds}, {len(trained)} in the others"
        raise ValueError(f"a cross-validation needs stars in each fold, found {found}: ask for fewer folds")
    return trained, judged


def _part_stars(spectra, is_held_out):
    stars, rows = np.unique(spectra.table["source_id"].to_numpy(str), return_inverse=True)
    held_out = np.array([is_held_out(star) for star in stars], bool)[rows]
    return spectra.select(~held_out), spectra.select(held_out)

"""Training and validation stars drawn anew, so that the choice of stars varies from member to member."""

import numpy as np

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import Spectra, concatenate


def redraw_parts(training: Spectra, validation: Spectra, seed: int) -> tuple[Spectra, Spectra]:
    """Draw training and validation stars from both parts together, in the shares that the two have now.

    All spectra of a star stay together. A star's part depends on ``seed`` and its own name; ``seed`` is the member's.
    """
    share = len(validation) / (len(training) + len(validation))
    together = concatenate([training, validation])
    stars, rows = np.unique(together.table["source_id"].to_numpy(str), return_inverse=True)
    drawn = np.array([derive_seed(seed, "redraw", star) / 2**64 for star in stars])
    validated = (drawn < share)[rows]
    return together.select(~validated), together.select(validated)

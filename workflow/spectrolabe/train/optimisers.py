"""Optimisers that a stage can name; the recipe gives each its rate, by default the one that it has here."""

from collections.abc import Callable
from functools import partial

import keras

#: Adadelta's paper (Zeiler 2012) multiplies its steps by nothing; by Keras's default of 0.001, weights hardly move.
ADADELTA_RATE = 1.0


class Nadam(keras.optimizers.Nadam):
    """Keras's Nadam with its running product of momenta among its variables, so that checkpoints hold it."""

    @property
    def variables(self) -> list:
        """All that the next step depends on."""
        return [*super().variables, self._u_product] if self.built else super().variables


OPTIMISERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "adam": keras.optimizers.Adam,
    # Decay apart from the gradient (Loshchilov & Hutter 2019): each step takes rate times decay off every weight.
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "adadelta": partial(keras.optimizers.Adadelta, learning_rate=ADADELTA_RATE),
    "adamax": keras.optimizers.Adamax,
    "nadam": Nadam,
}

"""Optimisers that a stage can name; the recipe gives each its rate, by default the one that it has here."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import keras

#: Adadelta's paper (Zeiler 2012) multiplies its steps by nothing; by Keras's default of 0.001, weights hardly move.
ADADELTA_RATE = 1.0
#: How the names of layers begin that lie before the head.
DEEP_LAYER = re.compile(r"(arm\d+_)?(module(?P<module>\d+)_|stem_)")


class Nadam(keras.optimizers.Nadam):
    """Keras's Nadam with its running product of momenta among its variables, so that checkpoints hold it."""

    @property
    def variables(self) -> list:
        """All that the next step depends on."""
        return [*super().variables, self._u_product] if self.built else super().variables


class LayerRates:
    """What an optimiser lacks to move every variable at a share of its rate: put before its own class.

    Scaling the gradients would do nothing where steps are divided by the gradients' size, as Adam's are.
    """

    #: Path of a variable -> share of the rate; others move at the rate itself.
    shares: Mapping[str, float] = {}

    def update_step(self, gradient, variable, learning_rate):
        """Move one variable."""
        super().update_step(gradient, variable, learning_rate * self._share_of(variable))

    def _apply_weight_decay(self, variables):
        # A decay is over the rate too, and Keras takes it off apart from the step.
        for variable in variables if self.weight_decay is not None else []:
            if self._use_weight_decay(variable):
                decay = self.weight_decay * self.learning_rate * self._share_of(variable)
                self.assign_sub(variable, variable * decay)

    def _share_of(self, variable):
        # What backends hand on is their own variable, without Keras's path.
        return self.shares.get(self._trainable_variables[self._get_variable_index(variable)].path, 1.0)


def with_layer_rates(optimiser: keras.optimizers.Optimizer, shares: Mapping[str, float]) -> keras.optimizers.Optimizer:
    """Give an optimiser that has not been built yet which moves variables at shares of its rate.

    Parameters
    ----------
    optimiser : of any kind.
    shares : path of a variable -> what the rate is multiplied by; see `layer_shares`.
    """
    kind = type(optimiser)
    slower = type(f"{kind.__name__}ByLayers", (LayerRates, kind), {}).from_config(optimiser.get_config())
    slower.shares = dict(shares)
    return slower


def layer_shares(paths: Iterable[str], share: float) -> dict[str, float]:
    """Give the shares of the rate that variables move at: ``share`` over their depth, counted from the head.

    The depth is 1 for all that is no part of a module or the stem of `spectrolabe.train.residual_conv`, 2 for the last
    module, and so on; the stem lies one deeper than the first module.

    Parameters
    ----------
    paths : of all variables that are trained, such as ``arm1_module2_conv1/kernel``.
    share : of the rate that the head moves at.
    """
    found = {path: DEEP_LAYER.match(path) for path in paths}
    # The stem counts as module 0.
    modules = {path: int(match["module"] or 0) for path, match in found.items() if match}
    depth = max(modules.values(), default=0) + 2
    return {path: share / (depth - modules[path] if path in modules else 1) for path in found}


OPTIMISERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "adam": keras.optimizers.Adam,
    # Decay apart from the gradient (Loshchilov & Hutter 2019): each step takes rate times decay off every weight.
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "adadelta": partial(keras.optimizers.Adadelta, learning_rate=ADADELTA_RATE),
    "adamax": keras.optimizers.Adamax,
    "nadam": Nadam,
}

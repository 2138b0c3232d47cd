"""Where an optimizer keeps the state of a plateau rule, so that whatever saves the optimizer saves it too."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lrcore._arguments import refuse
from lrcore.plateau import PlateauState
from lrcore_keras._concrete import value_of

_ROOM = 128
"""The numbers that there is room for. A rule has some ten; one that decides on the mean of the last n has n more."""


class Memory(keras.Variable):
    """The state of a rule, in float64: as pairs of int32, since not every backend has float64."""

    def __init__(self) -> None:
        super().__init__(
            np.zeros((_ROOM, 2), np.int32),
            dtype="int32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
            name="plateau",
        )

    def read(self) -> PlateauState | None:
        """The state, or None if there was no report."""
        bits: Any = keras.ops.convert_to_numpy(value_of(self))
        count, *numbers = np.ascontiguousarray(bits).view(np.float64)[:, 0].tolist()
        if not count:
            return None
        *defaults, _ = PlateauState()
        own = [type(default)(x) for default, x in zip(defaults, numbers, strict=False)]  # counts are integers
        return PlateauState(*own)._replace(more=tuple(numbers[len(own) : int(count)]))

    def write(self, state: PlateauState) -> None:
        """Keep a state."""
        numbers = [*state[:-1], *state.more]
        if len(numbers) >= _ROOM:
            refuse("ScaleOnPlateau", "plateau", f"a rule that remembers fewer than {_ROOM} numbers", len(numbers))
        kept = np.zeros((_ROOM, 1))
        kept[: len(numbers) + 1, 0] = len(numbers), *numbers
        self.assign(kept.view(np.int32))

"""When a metric stalls: one plateau rule, a value and a pure function, the same in every framework.

    state = plateau.start()
    state = plateau.update(state, metric)      after each evaluation, or after each update
    rate = lr(step) * state.scale

The rule        Plateau, its state PlateauState
Other rules     Plateau.like("keras", patience=5): the rule of another library, by its own arguments
For adapters    Plateau.doubts, warmup_end
"""

from lrcore.plateau._mistakes import warmup_end
from lrcore.plateau._rule import Plateau
from lrcore.plateau._state import PlateauState

__all__ = ["Plateau", "PlateauState", "warmup_end"]

PlateauState.__module__ = warmup_end.__module__ = "lrcore.plateau"  # their one address, as the classes of values have it

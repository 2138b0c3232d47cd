"""When a metric stalls: one plateau rule, a value and a pure function, the same in every framework.

    state = plateau.start()
    state = plateau.update(state, metric)      after each evaluation, or after each update
    rate = lr(step) * state.scale

The rule        Plateau, its state PlateauState
Other rules     Plateau.like("keras", patience=5): the rule of another library, by its own arguments
Finished runs   Plateau.replay, which gives a Replay with each Cut; read_metric, which reads a Metric from a log
For adapters    Plateau.doubts, nonfinite, warmup_end
"""

from lrcore._logs.metric import Metric, read_metric
from lrcore.plateau._mistakes import nonfinite, warmup_end
from lrcore.plateau._replay import Cut, Replay
from lrcore.plateau._rule import Plateau
from lrcore.plateau._state import PlateauState

__all__ = ["Cut", "Metric", "Plateau", "PlateauState", "Replay", "nonfinite", "read_metric", "warmup_end"]

for _public in (Cut, Metric, PlateauState, Replay, nonfinite, read_metric, warmup_end):
    _public.__module__ = "lrcore.plateau"  # their one address, as the classes of values have it
del _public

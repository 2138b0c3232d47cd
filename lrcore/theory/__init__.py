"""What a schedule tells before the run: mathematics on `lr(step)`, for training with SGD or AdamW.

Shapes      bound, Bound, compare, Compared, best_peak_ratio, transfer: the last-iterate bound of convex optimization, and
            how the best peak moves when the shape changes
Averages    averaging_weights, equivalent_decay, add_up: an average of checkpoints as a decay that needs no training. The
            adapters average with such weights: `lrcore_torch.average`, `lrcore_keras.average`, `lrcore_optax.average`
Memory      memory, Memory: how many of the last updates AdamW's weights remember
"""

from lrcore.theory._averages import add_up, averaging_weights, equivalent_decay
from lrcore.theory._bound import Bound, Compared, best_peak_ratio, bound, compare, transfer
from lrcore.theory._memory import Memory, memory

__all__ = [
    "Bound",
    "Compared",
    "Memory",
    "add_up",
    "averaging_weights",
    "best_peak_ratio",
    "bound",
    "compare",
    "equivalent_decay",
    "memory",
    "transfer",
]

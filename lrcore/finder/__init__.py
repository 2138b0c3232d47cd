"""Which peak? What a learning-rate finder computes, for every framework alike.

Results    Sweep: the loss while the rate rises; Sweeps: several, and their spread; Grid: short trainings, one a peak
           Found: what all of them have
Functions  smooth, Watch and stopped, marks: pure functions of the rates and the losses; powers, search
Runners    check_options, sweep_schedule, grid_of, run_sweeps, run_training, last_tenth: what all runners share; progress,
           a bar where tqdm is installed

The runners are `lrcore_torch.find_lr`, `lrcore_keras.find_lr` and `lrcore_optax.find_lr`.
"""

from lrcore.finder._found import Found
from lrcore.finder._grid import Grid, powers, search
from lrcore.finder._losses import Watch, smooth, stopped
from lrcore.finder._marks import Marks, marks
from lrcore.finder._progress import progress
from lrcore.finder._runs import check_options, grid_of, last_tenth, run_sweeps, run_training, sweep_schedule
from lrcore.finder._sweep import Sweep
from lrcore.finder._sweeps import Sweeps

__all__ = [
    "Found",
    "Grid",
    "Marks",
    "Sweep",
    "Sweeps",
    "Watch",
    "check_options",
    "grid_of",
    "last_tenth",
    "marks",
    "powers",
    "progress",
    "run_sweeps",
    "run_training",
    "search",
    "smooth",
    "stopped",
    "sweep_schedule",
]

for _public in (Found, Grid, Marks, Sweep, Sweeps, Watch):
    _public.__module__ = "lrcore.finder"  # their one address: pickles survive a later move
del _public

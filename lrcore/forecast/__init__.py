"""Loss curves of schedules that have not been run, from a few that have: the multi-power law.

The law      LossLaw: fitted to runs, it predicts losses with a band
Best shape   best, best_table, Best, Gain: the shape that ends lowest by the law, and what of its gain is certain
To look at   plot; and the command `lrcore forecast`

Fitting needs SciPy: `pip install 'lrcore[forecast]'`.
"""

from lrcore.forecast._best import Best, Gain, best, best_table
from lrcore.forecast._law import LossLaw
from lrcore.forecast._plot import plot

__all__ = ["Best", "Gain", "LossLaw", "best", "best_table", "plot"]

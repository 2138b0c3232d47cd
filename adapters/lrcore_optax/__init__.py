"""lrcore in JAX and Optax: a schedule is an Optax schedule as it is, and takes JAX arrays and tracers as steps."""

try:
    import jax as _jax  # noqa: F401 (a clear message where it is missing)
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name != "jax":
        raise
    raise ModuleNotFoundError("lrcore_optax needs JAX: pip install 'lrcore[optax]'", name="jax") from None

from lrcore_optax._average import average
from lrcore_optax._check import check
from lrcore_optax._current import Current, current, used
from lrcore_optax._finder import find_lr
from lrcore_optax._hyperparameters import hyperparameters
from lrcore_optax._labels import labels
from lrcore_optax._plateau import ScaleOnPlateauState, report, scale_on_plateau

__all__ = [
    "Current",
    "ScaleOnPlateauState",
    "average",
    "check",
    "current",
    "find_lr",
    "hyperparameters",
    "labels",
    "report",
    "scale_on_plateau",
    "used",
]

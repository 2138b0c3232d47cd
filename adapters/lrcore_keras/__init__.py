"""lrcore in Keras 3: `KerasSchedule`, on TensorFlow, JAX and PyTorch; and TensorFlow tensors as steps."""

try:
    import keras as _keras  # noqa: F401 (a clear message where it is missing)
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name != "keras":
        raise
    raise ModuleNotFoundError("lrcore_keras needs Keras: pip install 'lrcore[keras]'", name="keras") from None

from lrcore_keras._average import average
from lrcore_keras._callbacks import LogSchedules, used
from lrcore_keras._check import check
from lrcore_keras._finder import find_lr
from lrcore_keras._hyperparameters import hyperparameters
from lrcore_keras._multi_optimizer import multi_optimizer
from lrcore_keras._plateau import ScaleOnPlateau
from lrcore_keras._schedule import KerasSchedule
from lrcore_keras._setter import guard

guard()

__all__ = [
    "KerasSchedule",
    "LogSchedules",
    "ScaleOnPlateau",
    "average",
    "check",
    "find_lr",
    "hyperparameters",
    "multi_optimizer",
    "used",
]

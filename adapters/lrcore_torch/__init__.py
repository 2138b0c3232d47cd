"""lrcore in PyTorch: `ScheduleLR`, a real `LRScheduler`; `find_lr`; and torch tensors as steps."""

try:
    import torch as _torch
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name != "torch":
        raise
    raise ModuleNotFoundError("lrcore_torch needs PyTorch: pip install 'lrcore[torch]'", name="torch") from None

from lrcore.arrays import library_of as _library_of
from lrcore_torch._average import average
from lrcore_torch._check import check
from lrcore_torch._finder import find_lr
from lrcore_torch._parameter_groups import parameter_groups
from lrcore_torch._scheduler import ScheduleLR

_library_of(_torch.empty(0))  # now, because torch.compile cannot trace the look-up of an entry point

__all__ = ["ScheduleLR", "average", "check", "find_lr", "parameter_groups"]

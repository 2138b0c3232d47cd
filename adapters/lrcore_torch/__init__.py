"""lrcore in PyTorch: `ScheduleLR`, a real `LRScheduler`, and torch tensors as steps."""

try:
    import torch as _torch  # noqa: F401 (a clear message where it is missing)
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name != "torch":
        raise
    raise ModuleNotFoundError("lrcore_torch needs PyTorch: pip install 'lrcore[torch]'", name="torch") from None

from lrcore_torch._scheduler import ScheduleLR

__all__ = ["ScheduleLR"]

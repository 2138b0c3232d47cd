"""How many processes train together."""

from __future__ import annotations

import torch


def processes() -> int:
    """The processes of `torch.distributed`, 1 where it is not in use."""
    used = torch.distributed.is_available() and torch.distributed.is_initialized()
    return torch.distributed.get_world_size() if used else 1

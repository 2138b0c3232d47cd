"""What an optimizer tells through its public hooks: an update is coming, one was made, a state was loaded."""

from __future__ import annotations

import weakref
from typing import Any, Protocol

import torch


class Listener(Protocol):
    """Who wants to know."""

    def _before_update(self, optimizer: Any) -> None: ...
    def _after_update(self, optimizer: Any) -> None: ...
    def _after_load(self, optimizer: Any) -> None: ...


def listen(optimizer: Any, listener: Listener) -> bool:
    """Tell `listener` of what happens to `optimizer`, as long as both live; False where the optimizer has no hooks.

    The optimizer holds the listener weakly, so that the two are no reference cycle. A wrapper that keeps the optimizer
    it wraps as `.optimizer` and fires no hooks of its own is looked through.
    """
    me = weakref.ref(listener)

    # Not compiled: a Python counter inside a compiled `optimizer.step` would compile it anew at every update.
    @torch.compiler.disable
    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        if (who := me()) is not None:
            who._before_update(optimizer)

    @torch.compiler.disable
    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        if (who := me()) is not None:
            who._after_update(optimizer)

    def loaded(optimizer: Any) -> None:
        if (who := me()) is not None:
            who._after_load(optimizer)

    events: dict[str, Any] = {
        "register_step_pre_hook": before,
        "register_step_post_hook": after,
        "register_load_state_dict_post_hook": loaded,
    }
    while optimizer is not None:
        try:
            handles = [getattr(optimizer, register)(hook) for register, hook in events.items()]
        except AttributeError:  # also of a wrapper that is an Optimizer by class alone, without the hooks' tables
            optimizer = getattr(optimizer, "optimizer", None)
            continue
        for handle in handles:
            weakref.finalize(listener, handle.remove).atexit = False
        return True
    return False


def capturing() -> bool:
    """Whether a CUDA graph is being captured: nothing is computed then, and a write would be replayed with the graph."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def skipped(optimizer: Any) -> bool:
    """Whether a fused optimizer, which decides on the device, left out the update for its infinite gradients.

    `GradScaler` gives such an optimizer `found_inf` for the time of the step. Other optimizers it does not call at all.
    Reading the tensor waits for the device, as GradScaler does before it calls those.
    """
    found = getattr(optimizer, "found_inf", None)
    return found is not None and bool(found.item())

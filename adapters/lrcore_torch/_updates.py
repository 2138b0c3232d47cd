"""What counts as an update of an optimizer, and who hears of it.

An update is the outermost `step()` that was really made, of the optimizer or of one that it wraps.

    counts                                              does not count
    --------------------------------------------------  -----------------------------------------------------------
    `optimizer.step()`, with a closure or without        a `step()` inside another: `super().step()`, however deep,
    a wrapper's `step()` that fires the step hooks        and the wrapped optimizer's inside the wrapper's
    the wrapped optimizer's, where the wrapper fires     a `step()` that raised an error
      none: `accelerate`, SAM's `second_step()`          one that GradScaler left out for infinite gradients
    LBFGS's one `step()` of many evaluations             the rehearsal of a distributed checkpoint
                                                         the capture of a CUDA graph (its replays call no hooks)

Only torch's public hooks are used; `optimizer.step` is never replaced. torch fires them once for each class on the way to
the base whose `step` it has wrapped, so that only the call stack knows which of several is the outermost. It is asked when
a `step()` begins before the last one is known to have ended: inside another, or after one that raised.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import MethodType
from typing import Any, Protocol

import torch


class Listener(Protocol):
    """Who wants to know."""

    _updates: Updates

    def _before_update(self, optimizer: Any) -> None: ...
    def _look_at(self, optimizer: Any) -> None: ...
    def _after_update(self, optimizer: Any) -> None: ...
    def _after_capture(self) -> None: ...
    def _after_load(self) -> None: ...
    def _has_written(self, groups: Any) -> bool: ...


class Updates:
    """Tells `listener`, which holds this object, of the updates of `optimizer` as long as both live, or until `close()`.

    The optimizer's hooks hold the listener weakly, so that nothing is a reference cycle.
    """

    __slots__ = ("_capturing", "_handles", "_nesting", "_optimizers", "_rehearsing", "_running", "paused")

    def __init__(self, optimizer: Any, listener: Listener) -> None:
        self._optimizers: tuple[Any, ...] = ()
        self._handles: tuple[Any, ...] = ()
        self._running = self._nesting = self._rehearsing = self._capturing = False
        self.paused = False
        """Whether updates are made that are none of the training's, of which the listener is told nothing."""
        self._register(optimizer, weakref.ref(listener))

    @property
    def heard(self) -> bool:
        """Whether the optimizer has hooks, so that its updates are heard of."""
        return bool(self._optimizers)

    def close(self) -> None:
        """Remove every hook."""
        for handle in self._handles:
            handle.remove()
        self._handles = self._optimizers = ()

    __del__ = close

    def _register(self, optimizer: Any, listener: weakref.ref[Listener]) -> None:
        before, after, loaded = (MethodType(hook, listener) for hook in (*_uncompiled(), _loaded))
        for each in layers(optimizer):
            if before in getattr(each, "_optimizer_step_pre_hooks", {}).values():
                self._optimizers += (each,)  # a wrapper that has the tables of the optimizer inside
                continue
            with suppress(AttributeError):  # no hooks, or a wrapper that is an Optimizer without their tables
                self._handles += (each.register_step_pre_hook(before), each.register_step_post_hook(after))
                self._optimizers += (each,)
            with suppress(AttributeError):
                self._handles += (each.register_load_state_dict_post_hook(loaded),)

    def _begin(self, listener: Listener, optimizer: Any, kwargs: dict[str, Any]) -> None:
        if self.paused or not self._knows(optimizer):
            return
        if self._running and self._inside_another():
            self._nesting = True
            listener._look_at(optimizer)
            return
        self._running, self._nesting = True, False
        self._rehearsing = _is_rehearsal(optimizer, kwargs) and not listener._has_written(optimizer.param_groups)
        self._capturing = capturing()
        if not self._rehearsing and not self._capturing:
            listener._before_update(optimizer)

    def _end(self, listener: Listener, optimizer: Any) -> None:
        if self.paused or not self._knows(optimizer) or (self._nesting and self._inside_another()):
            return
        self._running = self._nesting = False
        if self._capturing:
            listener._after_capture()
        elif not self._rehearsing and not skipped(optimizer):
            listener._after_update(optimizer)

    def _knows(self, optimizer: Any) -> bool:
        """Not a copy's, which took the hooks along."""
        return optimizer in self._optimizers

    def _inside_another(self) -> bool:
        """Whether the `step()` whose hook this is was called by another one that is still running."""
        frame, steps = sys._getframe(1), 0
        while frame is not None and steps < 2:
            if frame.f_code.co_filename == _STEP.co_filename and _STEP.co_name in frame.f_code.co_name:
                steps += self._knows(frame.f_locals.get("self"))  # the name of a compiled frame only ends with it
            frame = frame.f_back  # type: ignore[assignment]
        return steps == 2


@cache
def _uncompiled() -> tuple[Any, Any]:
    """The hooks of a step: a Python counter inside a compiled `optimizer.step` would compile it anew at every update.

    They are made when they are first needed, since making them imports torch's compiler, which any optimizer does.
    """
    return torch.compiler.disable(_before), torch.compiler.disable(_after)  # type: ignore[no-untyped-call]


def _before(listening: weakref.ref[Listener], optimizer: Any, args: Any, kwargs: Any) -> None:
    if (listener := listening()) is not None:
        listener._updates._begin(listener, optimizer, kwargs)


def _after(listening: weakref.ref[Listener], optimizer: Any, args: Any, kwargs: Any) -> None:
    if (listener := listening()) is not None:
        listener._updates._end(listener, optimizer)


def _loaded(listening: weakref.ref[Listener], optimizer: Any) -> None:
    if (listener := listening()) is not None:
        listener._after_load()


def listeners(optimizer: Any) -> list[Any]:
    """Everything that hears of an optimizer's updates."""
    found: dict[int, Any] = {}
    for each in layers(optimizer):
        for hook in getattr(each, "_optimizer_step_pre_hooks", {}).values():
            if isinstance(hook, MethodType) and hook.__func__ is _uncompiled()[0]:
                listening: Any = hook.__self__
                found[id(listening)] = listening()
    return [listener for listener in found.values() if listener is not None]


_STEP = torch.optim.Optimizer.profile_hook_step(lambda self: None).__code__
"""What torch puts around the `step` of every class of optimizers to fire the hooks."""


def layers(optimizer: Any, outer: tuple[Any, ...] = ()) -> Iterator[Any]:
    """An optimizer, and those that it wraps: attributes that are optimizers of the same parameters.

    Where several share the work side by side and what holds them fires no hooks, none of theirs tells when all are done.
    """
    yield optimizer
    mine = {id(p) for group in optimizer.param_groups for p in group.get("params", ())}
    inside = [
        value
        for value in {id(value): value for value in getattr(optimizer, "__dict__", {}).values()}.values()
        if not any(value is each for each in (*outer, optimizer))
        and callable(getattr(value, "step", None))
        and any(id(p) in mine for group in getattr(value, "param_groups", ()) for p in group.get("params", ()))
    ]
    if len(inside) == 1:
        yield from layers(inside[0], (*outer, optimizer))


def _is_rehearsal(optimizer: Any, kwargs: dict[str, Any]) -> bool:
    """Whether `torch.distributed.checkpoint` has the optimizer make its state: gradients of 0, at rates of 0.

    It does so where there is no state yet, and for plain SGD, which never has any, at every checkpoint.
    """
    return (
        kwargs == {"closure": None}
        and not optimizer.state
        and all(group.get("lr") == 0 for group in optimizer.param_groups)
        and all(_is_zero(p.grad) for group in optimizer.param_groups for p in group["params"] if p.requires_grad)
    )


def _is_zero(gradient: Any) -> bool:
    local = gradient.to_local() if hasattr(gradient, "to_local") else gradient  # this process's part of it is enough
    return local is not None and not local.any()


def capturing() -> bool:
    """Whether a CUDA graph is being captured: nothing is computed then, and a write would be replayed with the graph."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()  # type: ignore[no-untyped-call, no-any-return, unused-ignore]


def skipped(optimizer: Any) -> bool:
    """Whether a fused optimizer, which decides on the device, left out the update for its infinite gradients.

    `GradScaler` gives such an optimizer `found_inf` for the time of the step. Other optimizers it does not call at all.
    Reading the tensor waits for the device, as GradScaler does before it calls those.
    """
    found = getattr(optimizer, "found_inf", None)
    return found is not None and bool(found.item())

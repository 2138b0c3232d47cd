"""The user's own formula."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from types import CodeType
from typing import Any

from lrcore._arguments import refuse
from lrcore._numeric.scalar import scalar
from lrcore._schedule import Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Custom(Schedule):
    """A schedule from a function of your own, which every adapter and composition then takes.

        lr(t) = function(t, xp)    0 <= t
        lr(t) = function(t)        0 <= t, for a function of one parameter

    with t the step, as float64 of whatever library it came from, and `xp` that library's `lrcore.arrays.Namespace`:
    `where minimum maximum floor sqrt sin cos tanh exp log power searchsorted take piecewise` and `pi`. Written with `xp`
    and operators, one function serves NumPy, torch, JAX and TensorFlow. A function of t alone may use `if` and `math`, and
    then serves Python numbers only: enough for `lrcore_torch.ScheduleLR`.

    Args:
        function: the formula. It must give finite numbers, in both branches of every `where`.

    Raises:
        TypeError: `function` is not callable with one or two arguments; or, when called, a function of t alone meets
            an array.

    Not saved: `to_dict` and pickling of a lambda raise, because a function is code, not data.

    >>> lr = Custom(lambda t, xp: 0.1 / xp.sqrt(1 + t))
    >>> lr(0), lr(3)
    (0.1, 0.05)
    >>> Custom(lambda t: 0.1 if t < 5 else 0.01).warmup(5)(5)
    0.1
    """

    function: Callable[..., Any]

    def __post_init__(self) -> None:
        if not callable(self.function) or self._arity not in (1, 2):
            refuse("Custom", "function", "a function of (step, xp) or of (step)", self.function, kind=True)

    @cached_property
    def _arity(self) -> int:
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        try:
            parameters = inspect.signature(self.function).parameters.values()
        except ValueError:
            return 0  # some functions in C do not tell
        return sum(p.kind in kinds and p.default is p.empty for p in parameters)

    def _value(self, t: Array, xp: Namespace) -> Array:
        if self._arity == 2:
            return self.function(t, xp)
        if xp is not scalar:
            raise TypeError(f"{self!r} is a function of one Python number: give it a second parameter, xp, for arrays.")
        return self.function(t)

    _compiles = False

    def _reach(self) -> int:
        return 1_000

    def __repr__(self) -> str:
        """The function's name, and what tells its code from another's: `Custom(<lambda> 3f2a91c0)`."""
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"Custom({' '.join(filter(None, (name, fingerprint(self.function))))})"

    def _scaled(self, total: int, length: int) -> Custom:
        raise ValueError(f"{self!r} has no lengths that could be stretched: write it for the steps you want.")


def fingerprint(function: Any) -> str:
    """Eight digits that change with a function's code, its defaults and the values that it closes over; "" without code.

    Two lambdas have one name: without this, a run that is resumed with another function would not be told so.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    import hashlib  # few print a function

    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    parts = (_code(code), function.__defaults__, function.__kwdefaults__, cells)
    return hashlib.sha256(repr(_plain(parts)).encode()).hexdigest()[:8]


def _code(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(_code(item) if isinstance(item, CodeType) else item for item in code.co_consts)
    return code.co_code, code.co_names, constants


def _plain(value: Any) -> Any:
    """The value, or only the name of its type where the text of it may hold an address, which changes from run to run."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if hasattr(value, "__code__"):
        return _plain(_code(value.__code__))
    return value if isinstance(value, (str, bytes, int, float, complex, type(None), Schedule)) else type(value).__qualname__

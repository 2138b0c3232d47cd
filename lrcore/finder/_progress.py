"""A progress bar, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

Say = Callable[[float, float], None]
"""What is called after each update, with its rate and its loss."""


@contextmanager
def progress(updates: int, shown: bool) -> Iterator[Say]:
    """A bar of so many updates, which shows the rate and the loss of the last one; none without tqdm.

    >>> with progress(2, shown=False) as say:
    ...     say(0.1, 2.3)
    """
    if not shown or find_spec("tqdm") is None:
        yield lambda rate, loss: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=updates, desc="find_lr", unit="update", leave=False) as bar:

        def say(rate: float, loss: float) -> None:
            bar.set_postfix_str(f"lr {rate:.1e}, loss {loss:.4g}", refresh=False)
            bar.update()

        yield say

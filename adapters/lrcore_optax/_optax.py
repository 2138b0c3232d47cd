"""Optax, for the functions that need it: a schedule itself needs only JAX."""

from __future__ import annotations

from typing import Any


def import_optax(function: str) -> Any:
    """The module, or a clear message where it is missing."""
    try:
        import optax
        import optax.contrib
    except ModuleNotFoundError as error:
        if error.name != "optax":
            raise
        raise ModuleNotFoundError(
            f"lrcore_optax.{function} needs Optax: pip install 'lrcore[optax]'", name="optax"
        ) from None
    return optax

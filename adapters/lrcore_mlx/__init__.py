"""lrcore in MLX: a schedule is the learning rate of an MLX optimizer as it is, and takes MLX arrays as steps."""

try:
    import mlx.core as _mlx  # noqa: F401 (a clear message where it is missing)
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name not in ("mlx", "mlx.core"):
        raise
    raise ModuleNotFoundError("lrcore_mlx needs MLX: pip install 'lrcore[mlx]'", name="mlx") from None

from lrcore_mlx._hyperparameters import hyperparameters, used

__all__ = ["hyperparameters", "used"]

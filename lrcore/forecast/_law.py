"""A law of losses, fitted to runs, that forecasts others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY
from statistics import NormalDist
from typing import Any

import numpy as np

from lrcore._arguments import FRACTION, NON_NEGATIVE, POSITIVE, WHOLE, as_number, check, check_many, refuse, set_field
from lrcore._schedule import Schedule
from lrcore._value import Value, value_class
from lrcore.forecast._fit import Measured, data_of, fitted, resampled
from lrcore.forecast._runs import Run, check_begun, check_described, check_determined, counted, measured
from lrcore.forecast._sums import NAMES, Floats, Whole, exact, in_blocks, losses
from lrcore.theory._rates import rates

_OUTSIDE = 0.1


@value_class
class LossLaw(Value):
    """The multi-power law: the loss after t updates of a schedule, for one peak, model, batch and data.

        L(t) = L0 + A·S_1(t)**-α + B·Σ_{k<=t} (η_k - η_{k-1})·(1 - (1 + C·η_k**-γ·S_k(t))**-β)
        S_k(t) = Σ_{j=k..t} η_j

    with η_k = lr(k - 1), the rate of the k-th update, and 2 <= k in the sum of changes, which counts the warmup too. The
    second term is progress; the third is what a falling rate brings, which comes with a delay.

    Args:
        L0: the loss that is never reached.
        A: how much there is to learn.
        alpha: α, how fast that is learnt.
        B: how much a fall of the rate brings.
        C: how soon it comes.
        beta: β, likewise.
        gamma: γ, likewise.
        peaks: the lowest and the highest peak of the fitted runs. The law says nothing of peaks further than 10% outside.
        noise: the relative error that 9 of 10 fitted points are within.
        mean_error: the mean relative error of the fitted points.
        worst_error: the largest.
        r2: their coefficient of determination, R².
        draws: laws fitted to resampled runs, each a tuple of the seven parameters: what the uncertainty is made of.

    Raises:
        ValueError: a parameter is not above 0, or `peaks` are not two.

    Reference: Luo et al., A Multi-Power Law for Loss Curve Prediction Across Learning Rate Schedules (arXiv:2503.12811).

    >>> from lrcore import Cosine
    >>> law = LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=(3e-4, 3e-4))
    >>> law.predict(Cosine(3e-4, steps=24_000, end=3e-5).warmup(2_160), [6_000, 12_000, 24_000]).round(3)
    array([3.575, 3.416, 3.315])
    """

    L0: float
    A: float
    alpha: float
    B: float
    C: float
    beta: float
    gamma: float
    _: KW_ONLY
    peaks: tuple[float, float]
    noise: float = 0.0
    mean_error: float = 0.0
    worst_error: float = 0.0
    r2: float = 1.0
    draws: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        check(self, **dict.fromkeys(NAMES, POSITIVE), noise=NON_NEGATIVE)
        check_many(self, "peaks", POSITIVE)
        if len(self.peaks) != 2 or self.peaks[0] > self.peaks[1]:
            refuse("LossLaw", "peaks", "two numbers, the lowest and the highest", self.peaks)
        set_field(self, "draws", tuple(tuple(float(f"{number:.8g}") for number in draw) for draw in self.draws))

    @classmethod
    def fit(cls, runs: Iterable[Run], *, after: int = 0, draws: int = 24) -> LossLaw:
        """The law of measured runs.

        The sum of Huber's function (δ = 0.001) of the residuals of log-losses is made least, from several starts. Two
        things are held, which losses do not determine and on which a forecast depends: B is that of the law without a
        delay, and C·peak**(1-γ), β and γ are drawn to 0.1, 0.5 and 0.5. All points together count as 400. The uncertainty
        comes from fits to `draws` resampled sets of segments of the runs, in which B and what the delay is drawn to vary.

        Args:
            runs: each is (schedule, steps, losses) or (schedule, {step: loss}), where a step is the number of updates made.
                Three runs are a good number: a constant rate, a cosine, and a rate that falls at once in the middle.
            after: leave out losses up to this step. The law does not describe the first updates: begin where the curve of
                log-losses is smooth, at the earliest where the warmup ends.
            draws: how many; 0 gives a law without an uncertainty.

        Raises:
            ImportError: SciPy is missing: `pip install 'lrcore[forecast]'`.
            ValueError: the runs cannot determine the law (there are fewer than 30 losses, no rate ends below 0.7 of its
                peak, or all runs have one shape), it does not describe them, or a loss is not above 0.
            TypeError: a run is none of the above.

        >>> from lrcore import Constant, Linear
        >>> truth = LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(1e-3, 1e-3))
        >>> steps = range(100, 2_001, 50)
        >>> runs = [(lr, steps, truth.predict(lr, steps)) for lr in (Constant(1e-3), Linear(1e-3, end=1e-4, steps=2_000))]
        >>> law = LossLaw.fit(runs, draws=0)
        >>> law.mean_error < 1e-3
        True
        """
        try:
            import scipy  # noqa: F401 (a clear message where it is missing)
        except ModuleNotFoundError:
            raise ImportError("LossLaw.fit needs SciPy: pip install 'lrcore[forecast]'") from None
        several = measured("LossLaw.fit", runs, as_number("LossLaw.fit", "after", after, WHOLE))
        check_determined("LossLaw.fit", several)
        count = as_number("LossLaw.fit", "draws", draws, WHOLE)
        data = data_of(several)
        law = fitted(data)
        check_described("LossLaw.fit", several, law)
        return cls._of(law, several, resampled(data, law, several, count))

    @classmethod
    def _of(cls, law: Floats, runs: list[Measured], draws: tuple[tuple[float, ...], ...]) -> LossLaw:
        """The value, with how well it fits."""
        truth = np.concatenate([run.losses for run in runs])
        found = np.concatenate([losses(law, in_blocks(run.rates, run.steps)) for run in runs])
        errors = np.abs(found / truth - 1)
        spread = np.sum((truth - truth.mean()) ** 2)
        peaks = [float(run.rates.max()) for run in runs]
        parameters: Any = law.tolist()
        return cls(
            *parameters,
            peaks=(min(peaks), max(peaks)),
            noise=float(np.quantile(errors, 0.9)),
            mean_error=float(errors.mean()),
            worst_error=float(errors.max()),
            r2=float(1 - np.sum((truth - found) ** 2) / spread),
            draws=draws,
        )

    @property
    def parameters(self) -> dict[str, float]:
        """The seven numbers, by name."""
        return {name: getattr(self, name) for name in NAMES}

    def predict(self, lr: Schedule, steps: Any) -> Any:
        """The loss after so many updates of a schedule.

        Args:
            lr: the schedule, which need not have been run.
            steps: a number of updates made, or an array of them.

        Returns:
            A float, or a float64 array of the shape of `steps`.

        Raises:
            ValueError: the schedule's peak up to the last step is more than 10% outside those of the fitted runs, where the
                law misleads: it always prefers the larger peak.
        """
        shape, counts, found = self._asked("predict", lr, steps)
        if not len(counts):
            return np.zeros(shape)
        order = np.argsort(counts, kind="stable")
        values = np.empty(len(counts))
        values[order] = np.concatenate([losses(self._law, sums) for sums in exact(found, counts[order])])
        return values.reshape(shape) if shape else float(values[0])

    def band(self, lr: Schedule, steps: Any, *, level: float = 0.9) -> tuple[Any, Any]:
        """The lower and the upper end of the range in which the loss is expected, with the probability `level`.

        It puts together how far the laws of resampled runs are apart, and how far the fitted points are off. It does not
        know of what the law itself cannot say. On the authors' curves, 90% bands contained 93 and 98% of the points of runs
        no longer than the fitted ones, but 49 and 63% of those of a cosine three times as long.

        Raises:
            ValueError: as for `predict`; or the law was made without `draws`.
        """
        shape, counts, found = self._asked("band", lr, steps)
        self._check_draws("band")
        width = deviations(as_number("LossLaw.band", "level", level, FRACTION))
        sums = in_blocks(found, counts)
        middle = losses(self._law, sums)
        around = np.stack([losses(np.array(draw), sums) for draw in self.draws]) / middle - 1
        spread = width * np.sqrt((around**2).mean(axis=0) + (self.noise / deviations(0.9)) ** 2)
        low, high = ((middle * (1 + sign * spread)).reshape(shape) for sign in (-1, 1))
        return (low, high) if shape else (float(low), float(high))

    def __str__(self) -> str:
        low, high = self.peaks
        peaks = f"a peak of {low:.4g}" if low == high else f"peaks of {low:.4g} to {high:.4g}"
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.parameters.items())
        return (
            f"LossLaw for {peaks}: {numbers}.\n"
            f"The fitted losses are off by {self.mean_error:.2%} in the mean and by {self.worst_error:.2%} at worst; "
            f"R² is {self.r2:.4f}."
        )

    @property
    def _law(self) -> Floats:
        return np.array([getattr(self, name) for name in NAMES])

    def _check_draws(self, method: str) -> None:
        if not self.draws:
            refuse(f"LossLaw.{method}", "draws", "have at least 1 law", (), hint="fit with draws=24")

    def _asked(self, method: str, lr: Schedule, steps: Any) -> tuple[tuple[int, ...], Whole, Floats]:
        """The shape of the answer, the numbers of updates one after another, and the rates."""
        owner = f"LossLaw.{method}"
        asked = np.asarray(steps if not isinstance(steps, (range, Sequence)) else list(steps))
        counts = counted(owner, "steps", asked.reshape(-1))
        if not len(counts):
            return asked.shape, counts, np.zeros(1)
        found = rates(owner, "lr", lr, int(counts.max()))
        self._check_peak(owner, lr, found)
        check_begun(owner, "steps", found, counts)
        return asked.shape, counts, found

    def _check_peak(self, owner: str, lr: Schedule, found: Floats) -> None:
        peak = float(found.max())
        low, high = self.peaks[0] * (1 - _OUTSIDE), self.peaks[1] * (1 + _OUTSIDE)
        if not low * (1 - 1e-12) <= peak <= high * (1 + 1e-12):
            refuse(
                owner,
                "lr",
                f"a schedule with a peak from {low:.4g} to {high:.4g}, 10% around those of the fitted runs",
                lr,
                hint=f"its peak up to step {len(found):,} is {peak:.4g}, of which the law says nothing: fit it to "
                "runs at that peak",
            )


def check_law(owner: str, law: Any) -> None:
    """Refuse what is no law."""
    if not isinstance(law, LossLaw):
        refuse(owner, "law", "a LossLaw", law, kind=True, hint="LossLaw.fit makes one of finished runs")


def deviations(level: float) -> float:
    """How many standard deviations of a normal distribution around its mean hold this share."""
    return NormalDist().inv_cdf(0.5 + level / 2)

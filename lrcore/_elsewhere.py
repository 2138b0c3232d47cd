"""Words of other libraries: what their schedulers and arguments are called here.

One table of rows, each an expression of another library and the expression that gives its curve here. The page "Coming from
another library" shows it, every row is run as a test, and the errors about a name that is not known read it: matching what
an argument stands for on the left with what it stands for on the right says that PyTorch's `T_max` is `steps=`. Nothing
but such an error, the tests and the page's script imports this module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from lrcore._elsewhere_plateaus import PLATEAUS


class Row(NamedTuple):
    """Two expressions, and the steps for which they agree."""

    library: str
    theirs: str
    ours: str
    steps: str


class Gap(NamedTuple):
    """A scheduler, or an argument, that has no equal here, and why: `<library>'s <name> <why>.` is a sentence."""

    library: str
    name: str
    why: str


# In the rows `lr` is the optimizer's own rate, the peak; `end` the floor and `start` the first value of a warmup; `T` the
# updates of the whole run, `W` those of its warmup, `C` those of its cooldown. The page says the rest.

_TABLES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "PyTorch": (
        ("ConstantLR(optimizer, factor=a, total_iters=n)", "Constant(a * lr).then(Constant(lr), at=n)", "all"),
        (
            "LinearLR(optimizer, start_factor=a, end_factor=b, total_iters=n)",
            "Linear(a * lr, end=b * lr, steps=n)",
            "all",
        ),
        ("StepLR(optimizer, step_size=n, gamma=factor)", "StepDecay(lr, every=n, factor=factor)", "all"),
        (
            "MultiStepLR(optimizer, milestones=[i, j], gamma=factor)",
            "MultiStep(lr, milestones=[i, j], factor=factor)",
            "all",
        ),
        ("ExponentialLR(optimizer, gamma=factor)", "Exponential(lr, factor=factor)", "all"),
        ("PolynomialLR(optimizer, total_iters=T, power=power)", "Polynomial(lr, steps=T, power=power)", "all"),
        (
            "CosineAnnealingLR(optimizer, T_max=T, eta_min=end)",
            "Cosine(lr, steps=T, end=end)",
            "t <= T, where PyTorch's turns and rises: the one to take for a run of T updates",
        ),
        (
            "CosineAnnealingLR(optimizer, T_max=n, eta_min=end)",
            'Interpolate([(0, lr), (n, end), (2 * n, lr)], shape="cosine").repeat(1000)',
            "all: the one to take only if the rate is meant to rise again",
        ),
        (
            "CosineAnnealingWarmRestarts(optimizer, T_0=n, T_mult=k, eta_min=end)",
            "WarmRestarts(lr, steps=n, growth=k, end=end)",
            "all",
        ),
        (
            "OneCycleLR(optimizer, max_lr=lr, total_steps=T, pct_start=pct)",
            "OneCycle(lr, steps=T, pct_start=pct)",
            "t < T, where PyTorch's stops; the momentum moves too, see below",
        ),
        (
            "OneCycleLR(optimizer, max_lr=lr, epochs=k, steps_per_epoch=T, pct_start=pct)",
            "OneCycle(lr, steps=k * T, pct_start=pct)",
            "t < kT, where PyTorch's stops; the momentum moves too, see below",
        ),
        (
            "OneCycleLR(optimizer, max_lr=lr, total_steps=T, div_factor=div, final_div_factor=final, three_phase=True)",
            "OneCycle(lr, steps=T, div_factor=div, final_div_factor=final, three_phase=True)",
            "t < T, where PyTorch's stops; the momentum moves too, see below",
        ),
        (
            "CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, step_size_down=j)",
            "Cyclic(end, high=lr, up=i, down=j)",
            "all; the momentum moves too, see below",
        ),
        (
            'CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, mode="triangular2")',
            'Cyclic(end, high=lr, up=i, mode="triangular2")',
            "all; the momentum moves too, see below",
        ),
        (
            'CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, mode="exp_range", gamma=factor)',
            'Cyclic(end, high=lr, up=i, mode="exp_range", factor=factor)',
            "all; the momentum moves too, see below",
        ),
        (
            "SequentialLR(optimizer, schedulers=[LinearLR(optimizer, start_factor=a, total_iters=W), "
            "CosineAnnealingLR(optimizer, T_max=T - W)], milestones=[W])",
            "Cosine(lr, steps=T).warmup(W, start=a * lr)",
            "t <= T, where PyTorch's turns and rises",
        ),
        (
            "SequentialLR(optimizer, schedulers=[ConstantLR(optimizer, factor=a, total_iters=n), "
            "ExponentialLR(optimizer, gamma=factor)], milestones=[n])",
            "Sequence([Constant(a * lr), Exponential(lr, factor=factor)], boundaries=[n])",
            "all",
        ),
        (
            "ChainedScheduler(schedulers=[ConstantLR(optimizer, factor=a, total_iters=n), "
            "ExponentialLR(optimizer, gamma=factor)])",
            "Constant(a).then(Constant(1.0), at=n) * Exponential(lr, factor=factor)",
            "all",
        ),
        ("LambdaLR(optimizer, lr_lambda=f)", "lr * Custom(f)", "all"),
        ("MultiplicativeLR(optimizer, lr_lambda=lambda t: factor)", "Exponential(lr, factor=factor)", "all"),
        (
            "MultiplicativeLR(optimizer, lr_lambda=f)",
            "Custom(lambda t: lr * math.prod(f(s) for s in range(1, int(t) + 1)))",
            "all",
        ),
        (
            'SWALR(optimizer, swa_lr=end, anneal_epochs=n, anneal_strategy="linear")',
            "Linear(lr, end=end, steps=n)",
            "all",
        ),
        ("SWALR(optimizer, swa_lr=end, anneal_epochs=n)", "Cosine(lr, steps=n, end=end)", "all"),
    ),
    "PyTorch's momentum": (
        (
            "OneCycleLR(optimizer, max_lr=lr, total_steps=T, pct_start=pct)",
            "OneCycle(lr, steps=T, pct_start=pct).momentum()",
            "t < T, where PyTorch's stops",
        ),
        (
            'OneCycleLR(optimizer, max_lr=lr, total_steps=T, anneal_strategy="linear", base_momentum=a * b, '
            "max_momentum=a)",
            'OneCycle(lr, steps=T, shape="linear").momentum(high=a, low=a * b)',
            "t < T, where PyTorch's stops",
        ),
        (
            "OneCycleLR(optimizer, max_lr=lr, total_steps=T, pct_start=pct, three_phase=True)",
            "OneCycle(lr, steps=T, pct_start=pct, three_phase=True).momentum()",
            "t < T, where PyTorch's stops",
        ),
        (
            "CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, step_size_down=j)",
            "Cyclic(end, high=lr, up=i, down=j).momentum()",
            "all",
        ),
        (
            'CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, mode="triangular2", base_momentum=a * b, '
            "max_momentum=a)",
            'Cyclic(end, high=lr, up=i, mode="triangular2").momentum(high=a, low=a * b)',
            "all",
        ),
        (
            'CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i, mode="exp_range", gamma=factor)',
            'Cyclic(end, high=lr, up=i, mode="exp_range", factor=factor).momentum()',
            "all",
        ),
    ),
    "Hugging Face": (
        ("get_constant_schedule(optimizer)", "Constant(lr)", "all"),
        ("get_constant_schedule_with_warmup(optimizer, num_warmup_steps=W)", "Constant(lr).warmup(W)", "all"),
        (
            "get_linear_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T)",
            "Linear(lr, end=0.0, steps=T).warmup(W)",
            "all",
        ),
        (
            "get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T)",
            "Cosine(lr, steps=T).warmup(W)",
            "t <= T",
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T, min_lr=end)",
            "Cosine(lr, steps=T, end=end).warmup(W)",
            "t <= T",
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T, "
            "min_lr_rate=a)",
            "Cosine(lr, steps=T, end=a * lr).warmup(W)",
            "t <= T",
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, num_warmup_steps=W, num_training_steps=T, "
            "min_lr=end)",
            "Cosine(lr, steps=T - 1, end=end).warmup(W - 1, start=lr / W)",
            "t < T",
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, num_warmup_steps=W + 1, "
            "num_training_steps=T + 1, min_lr_rate=b, warmup_lr_rate=a)",
            "Cosine(lr, steps=T, end=b * lr).warmup(W, start=a * lr)",
            "t <= T",
        ),
        (
            "get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, num_warmup_steps=W, "
            "num_training_steps=W + k * n, num_cycles=k)",
            "Cosine(lr, steps=n).repeat(k).warmup(W)",
            "all",
        ),
        (
            "get_polynomial_decay_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T, lr_end=end, "
            "power=power)",
            "Polynomial(lr, steps=T, end=end, power=power).warmup(W)",
            "all",
        ),
        ("get_inverse_sqrt_schedule(optimizer, num_warmup_steps=W)", "InverseSqrt(lr, timescale=W).warmup(W)", "all"),
        (
            "get_inverse_sqrt_schedule(optimizer, num_warmup_steps=W, timescale=n)",
            "InverseSqrt(lr, timescale=n).warmup(W)",
            "all",
        ),
        (
            'get_wsd_schedule(optimizer, num_warmup_steps=W, num_decay_steps=C, num_training_steps=T, decay_type="1-sqrt")',
            "wsd(lr, steps=T, warmup=W, cooldown=C)",
            "all",
        ),
        (
            'get_wsd_schedule(optimizer, num_warmup_steps=W, num_stable_steps=n, num_decay_steps=C, decay_type="linear")',
            'wsd(lr, steps=W + n + C, warmup=W, cooldown=C, shape="linear")',
            "all",
        ),
        (
            "get_wsd_schedule(optimizer, num_warmup_steps=W, num_decay_steps=C, num_training_steps=T, "
            'warmup_type="cosine", decay_type="linear", min_lr_ratio=a)',
            'Constant(lr).cooldown(at=T - C, steps=C, end=a * lr, shape="linear").warmup(W, start=a * lr, shape="cosine")',
            "all",
        ),
    ),
    "Optax": (
        ("constant_schedule(value=lr)", "Constant(lr)", "all"),
        (
            "linear_schedule(init_value=lr, end_value=end, transition_steps=n)",
            "Linear(lr, end=end, steps=n)",
            "all",
        ),
        (
            "linear_schedule(init_value=lr, end_value=end, transition_steps=n, transition_begin=i)",
            "Constant(lr).then(Linear(lr, end=end, steps=n), at=i)",
            "all",
        ),
        (
            "polynomial_schedule(init_value=lr, end_value=end, power=power, transition_steps=n)",
            "Polynomial(lr, end=end, power=power, steps=n)",
            "all",
        ),
        (
            "polynomial_schedule(init_value=lr, end_value=end, power=power, transition_steps=n, transition_begin=i)",
            "Constant(lr).then(Polynomial(lr, end=end, power=power, steps=n), at=i)",
            "all",
        ),
        (
            "cosine_decay_schedule(init_value=lr, decay_steps=T, alpha=a)",
            "Cosine(lr, steps=T, end=a * lr)",
            "all",
        ),
        (
            "cosine_decay_schedule(init_value=lr, decay_steps=T, alpha=a, exponent=power)",
            "Custom(lambda t, xp: lr * (a + (1 - a) * xp.power((1 + xp.cos(xp.pi * xp.minimum(t, T) / T)) / 2, power)))",
            "all",
        ),
        (
            "warmup_constant_schedule(init_value=start, peak_value=lr, warmup_steps=W)",
            "Constant(lr).warmup(W, start=start)",
            "all",
        ),
        (
            "warmup_cosine_decay_schedule(init_value=start, peak_value=lr, warmup_steps=W, decay_steps=T, end_value=end)",
            "Cosine(lr, steps=T, end=end).warmup(W, start=start)",
            "all",
        ),
        (
            "warmup_exponential_decay_schedule(init_value=start, peak_value=lr, warmup_steps=W, transition_steps=n, "
            "decay_rate=factor)",
            "Exponential(lr, factor=factor, every=n).warmup(W, start=start)",
            "all",
        ),
        (
            "warmup_exponential_decay_schedule(init_value=start, peak_value=lr, warmup_steps=W, transition_steps=n, "
            "decay_rate=factor, transition_begin=i, staircase=True, end_value=end)",
            "Constant(lr).then(Exponential(lr, factor=factor, every=n, staircase=True).clip(low=end), at=W + i)"
            ".warmup(W, start=start)",
            "all",
        ),
        (
            "exponential_decay(init_value=lr, transition_steps=n, decay_rate=factor, staircase=True)",
            "Exponential(lr, factor=factor, every=n, staircase=True)",
            "all",
        ),
        (
            "exponential_decay(init_value=lr, transition_steps=n, decay_rate=factor, end_value=end)",
            "Exponential(lr, factor=factor, every=n).clip(low=end)",
            "all",
        ),
        (
            "exponential_decay(init_value=lr, transition_steps=n, decay_rate=factor, transition_begin=i)",
            "Constant(lr).then(Exponential(lr, factor=factor, every=n), at=i)",
            "all",
        ),
        (
            "piecewise_constant_schedule(init_value=lr, boundaries_and_scales={i: a, j: b})",
            "PiecewiseConstant([lr, a * lr, a * b * lr], boundaries=[i, j])",
            "all",
        ),
        (
            'piecewise_interpolate_schedule(interpolate_type="cosine", init_value=lr, boundaries_and_scales={i: a, j: b})',
            'Interpolate([(0, lr), (i, a * lr), (j, a * b * lr)], shape="cosine")',
            "all",
        ),
        (
            "cosine_onecycle_schedule(transition_steps=T, peak_value=lr, pct_start=pct, div_factor=div, "
            "final_div_factor=final)",
            'Interpolate([(0, lr / div), (int(pct * T), lr), (T, lr / div / final)], shape="cosine")',
            "all",
        ),
        (
            "linear_onecycle_schedule(transition_steps=T, peak_value=lr, pct_start=pct, pct_final=0.85, div_factor=div, "
            "final_div_factor=final)",
            "Interpolate([(0, lr / div), (int(pct * T), lr), (int(0.85 * T), lr / div), (T, lr / div / final)])",
            "all",
        ),
        (
            "sgdr_schedule(cosine_kwargs=[dict(init_value=lr, peak_value=lr, warmup_steps=0, decay_steps=n, "
            "end_value=end)] * k)",
            "WarmRestarts(lr, steps=n, end=end, cycles=k)",
            "all",
        ),
        (
            "sgdr_schedule(cosine_kwargs=[dict(init_value=start, peak_value=lr, warmup_steps=W, decay_steps=T, "
            "end_value=end), dict(init_value=end, peak_value=a * lr, warmup_steps=i, decay_steps=i + n, end_value=0.0)])",
            "Cosine(lr, steps=T, end=end).warmup(W, start=start)"
            ".then(Cosine(a * lr, steps=i + n).warmup(i, start=end), at=T)",
            "all",
        ),
        (
            "join_schedules(schedules=[linear_schedule(init_value=0.0, end_value=lr, transition_steps=W), "
            "cosine_decay_schedule(init_value=lr, decay_steps=n)], boundaries=[W])",
            "Cosine(lr, steps=W + n).warmup(W)",
            "all",
        ),
    ),
    "Keras": (
        (
            "CosineDecay(initial_learning_rate=lr, decay_steps=T, alpha=a)",
            "Cosine(lr, steps=T, end=a * lr)",
            "all",
        ),
        (
            "CosineDecay(initial_learning_rate=start, decay_steps=n, alpha=a, warmup_target=lr, warmup_steps=W)",
            "Cosine(lr, steps=W + n, end=a * lr).warmup(W, start=start)",
            "all",
        ),
        (
            "CosineDecayRestarts(initial_learning_rate=lr, first_decay_steps=n, t_mul=float(k), m_mul=b, alpha=a)",
            "WarmRestarts(lr, steps=n, end=a * lr, growth=float(k), decay=b)",
            "all, but for a few late restarts",
        ),
        (
            "CosineDecayRestarts(initial_learning_rate=lr, first_decay_steps=n, t_mul=1.0, m_mul=b, alpha=a)",
            "WarmRestarts(lr, steps=n, end=a * lr, decay=b)",
            "all",
        ),
        (
            "PolynomialDecay(initial_learning_rate=lr, decay_steps=T, end_learning_rate=end, power=power)",
            "Polynomial(lr, steps=T, end=end, power=power)",
            "all",
        ),
        (
            "PolynomialDecay(initial_learning_rate=lr, decay_steps=T, end_learning_rate=end, power=power, cycle=True)",
            "Polynomial(lr, steps=T, end=end, power=power)"
            ".then(Polynomial(lr, steps=2 * T, end=end, power=power).shift(T + 1), at=T + 1)",
            "t <= 2T, with a piece more, `3 * T` long, from `2 * T + 1`, for each cycle more",
        ),
        (
            "ExponentialDecay(initial_learning_rate=lr, decay_steps=n, decay_rate=factor)",
            "Exponential(lr, factor=factor, every=n)",
            "all",
        ),
        (
            "ExponentialDecay(initial_learning_rate=lr, decay_steps=n, decay_rate=factor, staircase=True)",
            "StepDecay(lr, every=n, factor=factor)",
            "all",
        ),
        (
            "InverseTimeDecay(initial_learning_rate=lr, decay_steps=n, decay_rate=a)",
            "InverseTime(lr, rate=a, every=n)",
            "all",
        ),
        (
            "InverseTimeDecay(initial_learning_rate=lr, decay_steps=n, decay_rate=a, staircase=True)",
            "InverseTime(lr, rate=a, every=n, staircase=True)",
            "all",
        ),
        (
            "PiecewiseConstantDecay(boundaries=[i, j], values=[lr, a * lr, b * lr])",
            "PiecewiseConstant([lr, a * lr, b * lr], boundaries=[i + 1, j + 1])",
            "all",
        ),
    ),
    "timm": (
        (
            "CosineLRScheduler(optimizer, t_initial=T, lr_min=end)",
            "Cosine(lr, steps=T, end=end)",
            "all",
        ),
        (
            "CosineLRScheduler(optimizer, t_initial=n, lr_min=end, warmup_t=W, warmup_lr_init=start, warmup_prefix=True)",
            "Cosine(lr, steps=W + n, end=end).warmup(W, start=start)",
            "all",
        ),
        (
            "CosineLRScheduler(optimizer, t_initial=T, lr_min=end, warmup_t=W, warmup_lr_init=start)",
            "Linear(start, end=lr, steps=W).then(Cosine(lr, steps=T, end=end).shift(W))",
            "all",
        ),
        (
            "CosineLRScheduler(optimizer, t_initial=n, cycle_mul=k, cycle_decay=b, cycle_limit=m)",
            "WarmRestarts(lr, steps=n, growth=k, decay=b, cycles=m)",
            "all, but for a few late restarts",
        ),
        (
            "CosineLRScheduler(optimizer, t_initial=T, lr_min=end, k_decay=power)",
            "Custom(lambda t, xp: end + (lr - end) * (1 + xp.cos(xp.pi * xp.power(xp.minimum(t, T) / T, power))) / 2)",
            "all",
        ),
        (
            "PolyLRScheduler(optimizer, t_initial=T, power=power, lr_min=end)",
            "Polynomial(lr, steps=T, end=end, power=power)",
            "all",
        ),
        (
            "PolyLRScheduler(optimizer, t_initial=n, power=power, lr_min=end, warmup_t=W, warmup_lr_init=start, "
            "warmup_prefix=True)",
            "Polynomial(lr, steps=W + n, end=end, power=power).warmup(W, start=start)",
            "all",
        ),
        (
            "PolyLRScheduler(optimizer, t_initial=T, power=1.0, lr_min=end, k_decay=power)",
            "OneMinusPower(lr, steps=T, end=end, power=power)",
            "all",
        ),
        (
            "PolyLRScheduler(optimizer, t_initial=T, power=power, lr_min=end, k_decay=k)",
            "Custom(lambda t, xp: end + (lr - end) * xp.power(1 - xp.power(xp.minimum(t, T) / T, k), power))",
            "all",
        ),
        (
            "TanhLRScheduler(optimizer, t_initial=T, lb=-7.0, ub=3.0, lr_min=end)",
            "Custom(lambda t, xp: end + (lr - end) * (1 - xp.tanh(10 * t / T - 7)) / 2).then(Constant(end), at=T)",
            "all",
        ),
        (
            "StepLRScheduler(optimizer, decay_t=n, decay_rate=factor)",
            "StepDecay(lr, every=n, factor=factor)",
            "all",
        ),
        (
            "StepLRScheduler(optimizer, decay_t=n, decay_rate=factor, warmup_t=W, warmup_lr_init=start)",
            "StepDecay(lr, every=n, factor=factor).warmup(W, start=start)",
            "all",
        ),
        (
            "MultiStepLRScheduler(optimizer, decay_t=[i, j], decay_rate=factor)",
            "MultiStep(lr, milestones=[i - 1, j - 1], factor=factor)",
            "all",
        ),
        (
            "MultiStepLRScheduler(optimizer, decay_t=[i, j], decay_rate=factor, warmup_t=W, warmup_lr_init=start)",
            "MultiStep(lr, milestones=[i - 1, j - 1], factor=factor).warmup(W, start=start)",
            "all",
        ),
        (
            'WSDLRScheduler(optimizer, t_initial=T, decay_t=C, lr_min=end, decay_fn="linear", warmup_t=W)',
            'wsd(lr, steps=W + T, warmup=W, cooldown=C, end=end, shape="linear")',
            "all",
        ),
        (
            "WSDLRScheduler(optimizer, t_initial=T, decay_t=C, lr_min=end, warmup_t=W, warmup_lr_init=start)",
            "Constant(lr).cooldown(at=W + T - C, steps=C, end=end).warmup(W, start=start)",
            "all",
        ),
        (
            'WSDLRScheduler(optimizer, t_initial=T, decay_t=C, lr_min=end, decay_fn="power", decay_power=power)',
            "Constant(lr).then(OneMinusPower(lr, steps=C, end=end, power=power), at=T - C)",
            "all",
        ),
        (
            'WSDLRScheduler(optimizer, t_initial=T, decay_t=C, lr_min=end, decay_fn="exp", decay_ratio=a)',
            "Constant(lr).then(ShiftedExponential(lr, steps=C, end=end, base=a), at=T - C)",
            "all",
        ),
        (
            'WSDLRScheduler(optimizer, t_initial=T, decay_t=C, stable_fn="rsqrt", stable_timescale=n, '
            'decay_fn="linear", warmup_t=W)',
            "(InverseSqrt(lr, timescale=n) * Constant(1.0).then(Linear(1.0, end=0.0, steps=C), at=W + T - C)).warmup(W)",
            "all",
        ),
    ),
    "Megatron-LM": (
        (
            "OptimizerParamScheduler(optimizer, init_lr=start, max_lr=lr, min_lr=end, lr_warmup_steps=W, "
            'lr_decay_steps=T, lr_decay_style="linear")',
            "Linear(lr, end=end, steps=T).warmup(W, start=start)",
            "all",
        ),
        (
            "OptimizerParamScheduler(optimizer, init_lr=start, max_lr=lr, min_lr=end, lr_warmup_steps=W, "
            'lr_decay_steps=T, lr_decay_style="cosine")',
            "Cosine(lr, steps=T, end=end).warmup(W, start=start)",
            "all",
        ),
        (
            "OptimizerParamScheduler(optimizer, init_lr=start, max_lr=lr, min_lr=end, lr_warmup_steps=W, "
            'lr_decay_steps=T, lr_decay_style="inverse-square-root")',
            "InverseSqrt(lr, timescale=W).clip(low=end).warmup(W, start=start).then(Constant(end), at=T + 1)",
            "all",
        ),
        (
            "OptimizerParamScheduler(optimizer, init_lr=start, max_lr=lr, min_lr=end, lr_warmup_steps=W, "
            'lr_decay_steps=T, lr_decay_style="WSD", wsd_decay_steps=C, lr_wsd_decay_style="exponential")',
            'Constant(lr).cooldown(at=T - C, steps=C, end=end, shape="exponential").warmup(W, start=start)',
            "all",
        ),
        (
            "OptimizerParamScheduler(optimizer, init_lr=start, max_lr=lr, min_lr=end, lr_warmup_steps=W, "
            'lr_decay_steps=T, lr_decay_style="WSD", wsd_decay_steps=C, lr_wsd_decay_style="minus_sqrt")',
            'Constant(lr).cooldown(at=T - C, steps=C, end=end, shape="1-sqrt").warmup(W, start=start)',
            "all",
        ),
    ),
}

ROWS = tuple(Row(library, *row) for library, rows in _TABLES.items() for row in rows)
"""The table."""

_METRIC = "follows a metric, and is no schedule: lrcore.plateau.Plateau.like({!r}, ...) is its rule"
_OPTIMIZER = "belongs to the adapter: lrcore_torch.ScheduleLR(optimizer, schedule)"
_RESUME = "belongs to the adapter: lrcore_torch.ScheduleLR(optimizer, schedule, step=updates_made)"
_NAME = "has no equal: a schedule is named by its expression"
_NOISE = "has no equal: a schedule has no noise"
_CLOCK = "has no equal: a schedule counts updates, and .per_epoch(n) makes one of a schedule in epochs"

_CYCLES = "belongs to a repeated curve: .repeat(times), or .then(factor * piece) for each cycle that differs"
_PREFIX = "is true of .warmup, which comes before the schedule"

GAPS = (
    Gap("PyTorch", "ReduceLROnPlateau", _METRIC.format("torch")),
    Gap("PyTorch", "optimizer", _OPTIMIZER),
    Gap("PyTorch", "last_epoch", _RESUME),
    Gap("PyTorch", "cycle_momentum", "is .momentum(), given to the adapter or left out"),
    Gap("PyTorch", "scale_fn", "is a function of your own: write the whole wave as Custom(function)"),
    Gap("PyTorch", "scale_mode", "belongs to scale_fn: write the whole wave as Custom(function)"),
    Gap("Hugging Face", "get_reduce_on_plateau_schedule", _METRIC.format("huggingface")),
    Gap("Hugging Face", "get_greedy_schedule", _METRIC.format("greedy")),
    Gap("Hugging Face", "get_adafactor_schedule", "reports what Adafactor does by itself, and sets no rate"),
    Gap("Hugging Face", "get_scheduler", "calls one of the functions above by a name: write the schedule itself"),
    Gap("Hugging Face", "optimizer", _OPTIMIZER),
    Gap("Hugging Face", "last_epoch", _RESUME),
    Gap(
        "Hugging Face",
        "num_cycles",
        "counts waves of a cosine that goes up again: 0.5 is Cosine, and more is Interpolate(points, shape='cosine')",
    ),
    Gap(
        "Optax",
        "warmup_cosine_decay_schedule.exponent",
        "is a power of the cosine: write the decay as Custom(function), then .warmup(warmup_steps, start=init_value)",
    ),
    Gap("Optax", "inject_hyperparams", "is an optimizer's: lrcore_optax.hyperparameters"),
    Gap("Optax", "inject_stateful_hyperparams", "keeps a state, and a schedule has none"),
    Gap("Keras", "name", _NAME),
    Gap("timm", "PlateauLRScheduler", _METRIC.format("timm")),
    Gap("timm", "optimizer", _OPTIMIZER),
    Gap("timm", "initialize", "belongs to the adapter: lrcore_torch.ScheduleLR reads each group's own rate"),
    Gap("timm", "t_in_epochs", _CLOCK),
    Gap("timm", "noise_range_t", _NOISE),
    Gap("timm", "noise_pct", _NOISE),
    Gap("timm", "noise_std", _NOISE),
    Gap("timm", "noise_seed", _NOISE),
    Gap("timm", "stable_power", "is a power other than rsqrt's 0.5: write it as Custom(function)"),
    Gap("timm", "TanhLRScheduler.cycle_mul", _CYCLES),
    Gap("timm", "TanhLRScheduler.cycle_decay", _CYCLES),
    Gap("timm", "TanhLRScheduler.cycle_limit", _CYCLES),
    Gap("timm", "TanhLRScheduler.warmup_t", "is .warmup(warmup_t), if warmup_prefix is true"),
    Gap("timm", "TanhLRScheduler.warmup_lr_init", "is .warmup(..., start=warmup_lr_init), if warmup_prefix is true"),
    Gap("timm", "TanhLRScheduler.warmup_prefix", _PREFIX),
    Gap("timm", "PolyLRScheduler.cycle_mul", _CYCLES),
    Gap("timm", "PolyLRScheduler.cycle_decay", _CYCLES),
    Gap("timm", "PolyLRScheduler.cycle_limit", _CYCLES),
    Gap("timm", "StepLRScheduler.warmup_prefix", _PREFIX),
    Gap("timm", "MultiStepLRScheduler.warmup_prefix", _PREFIX),
)
"""What has no equal here; an argument is named alone where none of its library's schedulers has one for it."""

RATES = {"lr": "PyTorch's", "base_lr": "PyTorch's", "learning_rate": "Keras's and Optax's"}
"""The optimizers' own words for the rate, which is the first argument here."""

ADAPTERS = ("lrcore_torch", "lrcore_keras", "lrcore_optax")


def argument(owner: str, word: str, words: Iterable[str], parameters: Sequence[str]) -> str:
    """What `word`, which `owner` does not have, is called there, by the libraries that have it; empty where none does.

    Args:
        owner: a family or a function of lrcore, `Cosine`, or a method, `Cosine.warmup`.
        word: the name of an argument elsewhere.
        words: all the names in the same call that `owner` does not have: they tell which scheduler is meant.
        parameters: the names of the owner's own arguments.
    """
    common, others = _plateaus(True), _plateaus(False)  # a word that many have is told by the frameworks' own
    found = _found((*ROWS, *common), owner, word, words, parameters) or _found(others, owner, word, words, parameters)
    most = max((meaning.known for meaning in found), default=0)
    found = [meaning for meaning in found if meaning.known == most]
    told: dict[str, list[str]] = {}
    for library in dict.fromkeys(meaning.library for meaning in found):
        meanings = _nearest([meaning for meaning in found if meaning.library == library])
        if meanings[0].rank == _ROW:
            return meanings[0].text
        several = len(meanings) > 1 or any(gap.library == library and gap.name == word for gap in GAPS)
        texts = [f"{meaning.text} in {meaning.scheduler}" if several else meaning.text for meaning in meanings[:2]]
        told.setdefault(f"is {' and '.join(texts)}", []).append(f"{library}'s")
    if not told and word in RATES and parameters[:1] and parameters[0] in ("start", "value", "peak"):
        return f"{RATES[word]} {word} is {parameters[0]}="
    if not told:
        for gap in GAPS:
            if gap.name.rpartition(".")[2] == word:
                told.setdefault(gap.why, []).append(f"{gap.library}'s")
    return "; ".join(f"{' and '.join(dict.fromkeys(libraries))} {word} {text}" for text, libraries in told.items())


def _plateaus(common: bool) -> tuple[Row, ...]:
    """The rows of rules for a metric: those of the frameworks, or of other libraries."""
    kept = (row for row in PLATEAUS if (row.key in ("torch", "keras", "optax")) == common)
    return tuple(Row(row.library, row.theirs, row.ours, "all") for row in kept)


def _found(rows: Iterable[Row], owner: str, word: str, words: Iterable[str], parameters: Sequence[str]) -> list[_Meaning]:
    return [meaning for row in rows for meaning in _meanings(row, owner, word, frozenset(words), parameters)]


def scheduler(name: str) -> str:
    """What another library's scheduler of that name is here; empty where there is none."""
    for row in ROWS:
        if row.theirs.startswith(f"{name}("):
            return _sentence(row)
    return next((f"{g.library}'s {name} {g.why}" for g in GAPS if g.name == name), "")


def adapter(name: str) -> str:
    """Where the adapters that are installed have a public name; empty where none has it."""
    from importlib.util import find_spec
    from pathlib import Path

    homes = []
    for package in ADAPTERS:
        spec = find_spec(package)
        if spec is None or not spec.origin:
            continue
        for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:  # read: to import it takes seconds
            if (
                isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "__all__"
                and name in ast.literal_eval(node.value)
            ):
                homes.append(f"`from {package} import {name}`")
    return f"write {' or '.join(homes)}" if homes else ""


_FIELD, _METHOD, _EXPRESSION, _ROW = range(4)
"""How near a meaning is: a field, a method's argument, an expression in one of the two, the row as a whole."""


class _Meaning(NamedTuple):
    library: str
    scheduler: str
    text: str
    rank: int
    known: int


def _nearest(meanings: list[_Meaning]) -> list[_Meaning]:
    """The nearest meaning that each scheduler of a library gives a word, expressions only where there is nothing nearer."""
    meanings = sorted(meanings, key=lambda meaning: meaning.rank)
    far = meanings[0].rank if meanings[0].rank > _METHOD else _METHOD
    nearest: list[_Meaning] = []
    for meaning in meanings:
        if meaning.rank <= far and all(m.scheduler != meaning.scheduler and m.text != meaning.text for m in nearest):
            nearest.append(meaning)
    return nearest


def _meanings(row: Row, owner: str, word: str, words: frozenset[str], parameters: Sequence[str]) -> Iterator[_Meaning]:
    """What a row says that an argument of its schedulers is, for the calls of `owner` on its right."""
    family, _, method = owner.partition(".")
    if f"{word}=" not in row.theirs or (method or family) not in row.ours:
        return
    theirs, ours = _trees(row)
    for call in _calls(theirs):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if word not in given:
            continue
        library, known = row.library.partition("'")[0], len(words & given.keys())
        told = _renamed(ours, _names(call, ours))
        for target in ast.walk(told):
            if not isinstance(target, ast.Call) or _called(target) != (method or family, bool(method)):
                continue
            for text, rank in _places(target, target, word, parameters):
                yield _Meaning(library, _name(call), text, rank, known)
            for after in [] if method else ast.walk(told):
                if isinstance(after, ast.Call) and _called(after)[1]:
                    for text, rank in _places(after, target, word, parameters):
                        yield _Meaning(library, _name(call), text, rank, known)
        if call is theirs and not method:
            yield _Meaning(library, _name(call), _sentence(row), _ROW, known)


def _places(call: ast.Call, target: ast.Call, word: str, parameters: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Where a call has `word` among its arguments: `steps=`, `end=alpha * start`, `.warmup(num_warmup_steps)`.

    Args:
        call: `target` itself, or a method that comes after it.
        target: the call whose arguments are `parameters`.
        word: what to look for.
        parameters: names for the arguments of `target`.
    """
    # A dataclass's first argument may be a list that speaks of the word: the row as a whole says that better.
    arguments = [(i, "", value) for i, value in enumerate(call.args) if call is not target or _is(value, word)]
    arguments += [(0, f"{keyword.arg}=", keyword.value) for keyword in call.keywords]
    for i, name, value in arguments:
        if not _has(value, word):
            continue
        text, exact = _in_words_of(target, value, parameters), _is(value, word)
        if call is target:
            yield (name or f"{parameters[i]}=") + ("" if exact else text), _FIELD if exact else _EXPRESSION
        else:
            assert isinstance(call.func, ast.Attribute)
            others = ["..."] * (i or bool(name and call.args))
            yield f".{call.func.attr}({', '.join([*others, name + text])})", _METHOD if exact else _EXPRESSION


def _in_words_of(target: ast.Call, value: ast.expr, parameters: Sequence[str]) -> str:
    """An expression with the target's first argument under its own name: `alpha * start`."""
    if not target.args or not isinstance(target.args[0], ast.Name) or not parameters:
        return ast.unparse(value)
    return ast.unparse(_renamed(value, {ast.dump(target.args[0]): parameters[0]}))


def _sentence(row: Row) -> str:
    """PyTorch's CosineAnnealingLR(optimizer, T_max, eta_min) is Cosine(lr, steps=T_max, end=eta_min)."""
    theirs, ours = _trees(row)
    names = _names(theirs, ours)
    arguments = [ast.unparse(argument) for argument in theirs.args]
    for keyword in theirs.keywords:
        known = ast.dump(keyword.value) in names
        arguments.append(str(keyword.arg) if known else f"{keyword.arg}={ast.unparse(_renamed(keyword.value, names))}")
    library = row.library.partition("'")[0]
    return f"{library}'s {_name(theirs)}({', '.join(arguments)}) is {ast.unparse(_renamed(ours, names))}"


@cache
def _trees(row: Row) -> tuple[ast.Call, ast.expr]:
    theirs = ast.parse(row.theirs, mode="eval").body
    assert isinstance(theirs, ast.Call)
    return theirs, ast.parse(row.ours, mode="eval").body


def _names(call: ast.Call, ours: ast.expr) -> dict[str, str]:
    """What a call's arguments stand for, dumped, with their names: a name, or an expression that stands in `ours` too."""
    there = {ast.dump(node) for node in ast.walk(ours)}
    return {
        ast.dump(keyword.value): str(keyword.arg)
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Name) or (ast.dump(keyword.value) in there and not _is_number(keyword.value))
    }


def _renamed(tree: ast.expr, names: dict[str, str]) -> ast.expr:
    """A copy of `tree` in which each expression that `names` has goes by its name."""

    class Renamer(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            name = names.get(ast.dump(node)) if isinstance(node, ast.expr) else None
            return self.generic_visit(node) if name is None else ast.Name(name, ast.Load())

    copy = ast.parse(ast.unparse(tree), mode="eval").body
    renamed = Renamer().visit(copy)
    assert isinstance(renamed, ast.expr)
    return renamed


def _calls(tree: ast.expr) -> Iterator[ast.Call]:
    """The calls of schedulers in an expression."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in ("dict", "float"):
            yield node


def _called(call: ast.Call) -> tuple[str, bool]:
    """The name that is called, and whether it is a method."""
    if isinstance(call.func, ast.Attribute) and not isinstance(call.func.value, ast.Name):  # of a module: xp, math
        return call.func.attr, True
    return _name(call), False


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _is(value: ast.expr, word: str) -> bool:
    return isinstance(value, ast.Name) and value.id == word


def _has(value: ast.expr, word: str) -> bool:
    """Whether an argument speaks of `word`, itself and not through a schedule in it."""
    nodes = list(ast.walk(value))
    schedules = any(isinstance(node, ast.Call) and _name(node)[0].isupper() for node in nodes)
    return not schedules and any(isinstance(node, ast.Name) and node.id == word for node in nodes)


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not isinstance(value.value, str)

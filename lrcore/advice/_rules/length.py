"""Rules about units and lengths: what the schedule's steps are, and where it ends beside the run."""

from __future__ import annotations

from collections.abc import Iterator

from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle
from lrcore._families.step_decay import MultiStep
from lrcore._families.warm_restarts import WarmRestarts
from lrcore.advice._corrected import in_epochs, lasting
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen, about, whole

_GOYAL = "Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677), section 2.2"
_TORCH = "PyTorch's documentation of torch.optim, How to adjust learning rate"
_LENGTH = "Hoffmann et al., Training Compute-Optimal Large Language Models (arXiv:2203.15556), appendix B"
_SGDR = "Loshchilov and Hutter, SGDR (arXiv:1608.03983), section 3"


def _milestones(seen: Seen) -> list[int]:
    return [edge.step for edge in seen.edges if edge.text in ("milestone", "boundary")]


def _span(seen: Seen) -> int | None:
    """How far a schedule is written: its length, or the last of its milestones or boundaries."""
    return seen.length if seen.length is not None else max(_milestones(seen), default=None)


def _beside_peak(seen: Seen) -> str:
    """The rate of the run's last update."""
    return f"{seen.last:.3g}, {100 * seen.last / seen.peak:.3g}% of the peak"


@rule(
    "error",
    why="The rate has fallen to its end in the first epoch or two, and stays there for the rest of the run.",
    source=_TORCH,
    fires=Plan(Cosine(0.1, steps=100), total=39_000, steps_per_epoch=390),
    silent=Plan(Cosine(0.1, steps=100).per_epoch(390), total=39_000, steps_per_epoch=390),
)
def epochs_as_updates(seen: Seen) -> Iterator[Note]:
    """The schedule is as long in updates as the run is in epochs, or all its milestones lie within the first epoch."""
    n, total, span = seen.epoch, seen.total, _span(seen)
    if n is None or n < 2 or total is None or span is None:
        return
    if about(span * n, total) or (seen.length is None and span < n and span * n <= total):
        what = f"ends at update {span:,}" if seen.length is not None else f"has its last milestone at update {span:,}"
        note = f"the schedule {what}, and the run has {total / n:,.4g} epochs of {n:,} updates: it was written in epochs."
        yield Note(note, (span,), in_epochs(seen.schedule, n))


@rule(
    "error",
    why="The rate hardly moves: the run ends where the schedule has barely begun.",
    source=_TORCH,
    fires=Plan(Cosine(0.1, steps=39_000), total=39_000, steps_per_epoch=390, stepped="epoch"),
    silent=Plan(Cosine(0.1, steps=39_000), total=39_000, steps_per_epoch=390),
)
def updates_as_epochs(seen: Seen) -> Iterator[Note]:
    """The schedule, stepped once an epoch, is as long as the run is in updates, or all its milestones lie after the run."""
    n, span = seen.plan.epoch, _span(seen)
    if n is None or n < 2 or span is None:
        return

    def meant(total: int) -> bool:
        past = seen.length is None and min(_milestones(seen)) >= total
        return about(span, n * total) or (past and span <= n * total)

    # A total that was given in epochs too, as the schedule is stepped, is read as one
    total = next((total for total in (seen.total, seen.plan.total) if total is not None and meant(total)), None)
    if total is None:
        return
    note = f"the schedule has {span:,} steps and {total:,} are made, {n:,} times as few: step it after every update."
    yield Note(note, (total,), lasting(seen.schedule, total) or whole(seen.schedule, 1, n))


@rule(
    "error",
    why="A schedule in samples or tokens that is read in updates hardly moves.",
    source="Brown et al., Language Models are Few-Shot Learners (arXiv:2005.14165), appendix B, which counts in tokens",
    fires=Plan(Cosine(6e-4, steps=5_120_000), total=10_000, batch=512),
    silent=Plan(Cosine(6e-4, steps=5_120_000).per_sample(512), total=10_000, batch=512),
)
def samples_as_updates(seen: Seen) -> Iterator[Note]:
    """The schedule is as long in updates as the run is in samples, or in tokens."""
    plan, total, span = seen.plan, seen.total, _span(seen)
    if plan.batch is None or total is None or span is None or plan.stepped == "epoch" or not plan.knows("samples"):
        return
    samples = plan._to("samples", total)
    for what, each in (("samples", 1), ("tokens", plan.tokens_per_sample)):
        if each is not None and samples * each > 2 * total and about(span, samples * each):
            seen_in_run = f"its {total:,} updates see {samples * each:,}"
            note = f"the schedule has {span:,} steps, which are the run's {what}: {seen_in_run}."
            batch = plan.batch if each == 1 else each * plan.batch
            yield Note(note, (), seen.schedule.per_sample(batch))
            return


@rule(
    "error",
    why="A loop that steps for every batch, or a total that was computed for one process, runs the schedule that "
    "many times too fast or too slowly.",
    source="accelerate's documentation, Comparing performance across distributed setups: its prepared scheduler "
    "steps once for each process, so that there the length of all processes is right",
    fires=Plan(Cosine(3e-4, steps=40_000), total=10_000, accumulation=4),
    silent=Plan(Cosine(3e-4, steps=10_000), total=10_000, accumulation=4),
    unless="epochs-as-updates updates-as-epochs samples-as-updates",
)
def accumulation(seen: Seen) -> Iterator[Note]:
    """The length of the schedule is that of the run times, or divided by, the accumulated batches or the processes."""
    a, p, total, length = seen.plan.accumulation, seen.plan.processes, seen.total, seen.length
    if total is None or length is None:
        return
    words = {a * p: "accumulated batches times processes", p: "processes", a: "accumulated batches"}
    for times, what in words.items():
        if times > 1 and (about(length, total * times) or about(length * times, total)):
            way = "long" if length > total else "short"
            note = f"the schedule has {length:,} steps for {total:,} updates: {times} times too {way}, which is the {what}."
            yield Note(note, (), lasting(seen.schedule, total))
            return


@rule(
    "error",
    why="The schedule never gets to its end: the warmup was put before a decay that is as long as the whole run.",
    source="PyTorch's SequentialLR, whose second schedule starts on a clock of its own",
    fires=Plan(Linear(1e-6, end=1e-3, steps=500).then(Cosine(1e-3, steps=10_000)), total=10_000),
    silent=Plan(Linear(1e-6, end=1e-3, steps=500).then(Cosine(1e-3, steps=9_500)), total=10_000),
)
def warmup_on_top(seen: Seen) -> Iterator[Note]:
    """The schedule is longer than the run by just its warmup."""
    total, length, warm = seen.total, seen.length, seen.warm
    # `warm` ends within a thousandth of the peak, and so up to a thousandth of a straight warmup too early
    if total is None or length is None or warm < 3 or abs(length - total - warm) > 1 + warm / 500:
        return
    note = f"the schedule ends at {length:,}, {length - total:,} updates after the run, which is the length of its warmup."
    yield Note(note, (total,), lasting(seen.schedule, total))


@rule(
    "error",
    why="The peak is never reached: all of the run is warmup.",
    source="Transformers' TrainingArguments: warmup_steps are updates, whatever the run's length",
    fires=Plan(Constant(1e-3).warmup(2_000), total=1_000),
    silent=Plan(Constant(1e-3).warmup(200), total=1_000),
    unless="epochs-as-updates updates-as-epochs samples-as-updates accumulation",
)
def warmup_exceeds_run(seen: Seen) -> Iterator[Note]:
    """A warmup ends after the run, or the rate still rises there to a peak that the run does not reach."""
    total = seen.total
    if total is None:
        return
    ends = [edge.step for edge in seen.edges if edge.kind in ("warmup", "peak")]
    rising = seen.length is not None and seen.length > total and seen.top == total - 1 and seen.rates[0] < seen.peak / 2
    if ends and ends[0] >= total:
        note = (
            f"the peak, {seen.at(ends[0]):.3g}, comes at {ends[0]:,}, and the run ends at {total:,} with {seen.last:.3g}."
        )
        yield Note(note, (ends[0],), whole(seen.schedule, total, 20 * ends[0]))
    elif rising:
        yield Note(f"the run ends at {total:,}, where the rate still rises, at {seen.last:.3g}.", (total,))


@rule(
    "error",
    why="The rest of the run costs its time and trains nothing. In PyTorch's CosineAnnealingLR the rate would climb again.",
    source=_LENGTH,
    fires=Plan(Cosine(0.1, steps=10_000), total=100_000),
    silent=Plan(Cosine(0.1, steps=100_000), total=100_000),
    unless="epochs-as-updates accumulation",
)
def dead_tail(seen: Seen) -> Iterator[Note]:
    """The schedule ends before the run does, at a thousandth of its peak or less."""
    total, length = seen.total, seen.length
    if total is None or length is None or length >= 0.98 * total or seen.last > seen.peak / 1000:
        return
    note = (
        f"the schedule ends at {length:,} of {total:,} updates, and the last {100 * (1 - length / total):.3g}% of the run "
    )
    yield Note(f"{note}have a rate of {seen.last:.3g}.", (length,), lasting(seen.schedule, total))


@rule(
    "warning",
    why="What a decay gives comes at its end: a run that stops before it ends at a rate that is still high.",
    source=_LENGTH,
    fires=Plan(Cosine(0.1, steps=100_000), total=60_000),
    silent=Plan(Cosine(0.1, steps=60_000), total=60_000),
    unless="updates-as-epochs samples-as-updates accumulation warmup-on-top warmup-exceeds-run",
)
def ends_late(seen: Seen) -> Iterator[Note]:
    """The schedule ends after the run does."""
    total, length = seen.total, seen.length
    if total is None or total < 2 or length is None or length <= 1.02 * total or seen.at(length) >= seen.last:
        return
    note = f"the schedule ends at {length:,}, and the run at {total:,}, where the rate is {_beside_peak(seen)}."
    yield Note(note, (total,), lasting(seen.schedule, total))


@rule(
    "info",
    why="It may be meant; a schedule that decays to the run's end reaches a lower loss in all published comparisons.",
    source=_LENGTH,
    fires=Plan(Linear(1.0, end=0.1, steps=5_000), total=10_000),
    silent=Plan(Linear(1.0, end=0.1, steps=10_000), total=10_000),
    unless="epochs-as-updates accumulation",
)
def ends_early(seen: Seen) -> Iterator[Note]:
    """The schedule ends before the run does, above a thousandth of its peak."""
    total, length = seen.total, seen.length
    if total is None or length is None or length >= 0.98 * total or seen.last <= seen.peak / 1000:
        return
    note = f"the schedule ends at {length:,} of {total:,} updates; the rate then stays {seen.last:.3g}."
    yield Note(note, (length,), lasting(seen.schedule, total))


@rule(
    "warning",
    why="A drop, a cooldown or a piece that the run does not reach changes nothing.",
    source=_TORCH,
    fires=Plan(MultiStep(0.1, milestones=[30, 60, 900]), total=100),
    silent=Plan(MultiStep(0.1, milestones=[30, 60, 90]), total=100),
    unless="updates-as-epochs samples-as-updates accumulation warmup-on-top warmup-exceeds-run",
)
def milestone_past_end(seen: Seen) -> Iterator[Note]:
    """A milestone, a boundary, or the beginning of a piece lies at the run's end or after it."""
    if seen.total is None:
        return
    given = [edge for edge in seen.edges if edge.text in ("milestone", "boundary") or edge.text.endswith(" begins")]
    past = [edge for edge in given if edge.step >= seen.total]
    if past:
        where = ", ".join(f"{edge.text} at {edge.step:,}" for edge in past[:3])
        yield Note(f"{where}: the run ends at {seen.total:,}.", tuple(edge.step for edge in past))


@rule(
    "warning",
    why="A cycle's rate is low at its end, and only there: the weights of a run that ends within a cycle are those "
    "of a high rate.",
    source=_SGDR,
    fires=Plan(WarmRestarts(0.1, steps=100, growth=2), total=400),
    silent=Plan(WarmRestarts(0.1, steps=100, growth=2), total=700),
)
def cut_cycle(seen: Seen) -> Iterator[Note]:
    """The run ends within a cycle, above a fifth of the way from the lowest rate to the peak."""
    total, restarts = seen.total, [edge.step for edge in seen.edges if edge.kind in ("restart", "low")]
    if total is None or not restarts or not seen.cyclic:
        return
    low = min(rate for step, rate in seen.pairs if step >= seen.top)
    most = low + 0.2 * (seen.peak - low)
    if seen.last <= most:
        return
    ends = [step for step in restarts if step > 0]
    best = min(ends, key=lambda step: abs(step - total))
    note = f"the run ends at {total:,} with a rate of {_beside_peak(seen)}: "
    around = [*[f"{step:,}" for step in ends if step <= total][-1:], *[f"{step:,}" for step in ends if step > total][:1]]
    # In whole steps the last cycle may end an update or two too early, and the next one begin
    longer = (whole(seen.schedule, total + more, best) for more in range(len(ends) + 2))
    fix = next((lr for lr in longer if lr is not None and lr(total - 1) <= most), None)
    yield Note(f"{note}cycles end at {' and '.join(around)}.", (total,), fix)


@rule(
    "info",
    why="One restart, or none, is a cosine with a jump in it.",
    source=_SGDR,
    fires=Plan(WarmRestarts(0.1, steps=500), total=1_000),
    silent=Plan(WarmRestarts(0.1, steps=250), total=1_000),
    unless="cut-cycle",
)
def restart_without_meaning(seen: Seen) -> Iterator[Note]:
    """A schedule with warm restarts restarts fewer than two times in the run."""
    if seen.total is None or not seen.parts(WarmRestarts):
        return
    restarts = [edge.step for edge in seen.inside if edge.kind == "restart"]
    if len(restarts) < 2:
        yield Note(f"{len(restarts)} restarts in {seen.total:,} updates.", tuple(restarts))


@rule(
    "info",
    why="Milestones divide a run: the published ones lie between a third and nine tenths of it.",
    source="He et al., Deep Residual Learning (arXiv:1512.03385), section 3.4; detectron2's 1x and 3x schedules",
    fires=Plan(MultiStep(0.1, milestones=[970, 990]), total=1_000),
    silent=Plan(MultiStep(0.1, milestones=[600, 800]), total=1_000),
    unless="epochs-as-updates updates-as-epochs milestone-past-end",
)
def late_milestones(seen: Seen) -> Iterator[Note]:
    """All milestones come after 95% of the run, or the first one before 10% of it."""
    given = [edge.step for edge in seen.edges if edge.text == "milestone"]
    if seen.total is None or not given or not seen.parts(MultiStep):
        return
    if given[0] > 0.95 * seen.total or given[0] < 0.1 * seen.total:
        yield Note(f"the first milestone, {given[0]:,}, lies at {seen.share(given[0])} of the run.", tuple(given[:1]))


@rule(
    "warning",
    why="Without a decay the last weights carry the noise of a high rate. A cooldown over the last fifth takes it out.",
    source="Haegele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (arXiv:2405.18392)",
    fires=Plan(Constant(0.1).warmup(10), total=10_000),
    silent=Plan(Constant(0.1).warmup(10).cooldown(at=8_000, steps=2_000), total=10_000),
    unless="updates-as-epochs samples-as-updates accumulation warmup-on-top warmup-exceeds-run ends-late cut-cycle "
    "milestone-past-end",
)
def never_decays(seen: Seen) -> Iterator[Note]:
    """A run of more than 1,000 updates ends at half its peak or above: info for fine-tuning and diffusion models."""
    total = seen.total
    if total is None or total <= 1_000 or seen.decays or seen.cyclic:
        return
    mild = seen.plan.pretrained or seen.plan.model == "diffusion" or seen.plan.plateau is not None
    at = round(0.8 * total)
    cooled = seen.schedule.cooldown(at=at, steps=total - at) if seen.warm < at else None
    note = f"the last of {total:,} updates has a rate of {_beside_peak(seen)}."
    yield Note(note, (total - 1,), cooled, "info" if mild else None)


@rule(
    "info",
    why="One long cycle trains at rates that were found for short runs; for long ones a cosine with a short warmup "
    "is what published recipes use.",
    source="Smith and Topin, Super-Convergence (arXiv:1708.07120), whose runs have 10 to 100 epochs",
    fires=Plan(OneCycle(0.1, steps=78_000), total=78_000, steps_per_epoch=390),
    silent=Plan(OneCycle(0.1, steps=11_700), total=11_700, steps_per_epoch=390),
)
def one_cycle_long(seen: Seen) -> Iterator[Note]:
    """A OneCycle runs for more than 100 epochs."""
    cycles = seen.parts(OneCycle)
    if cycles and seen.total is not None and seen.epoch is not None and seen.total > 100 * seen.epoch:
        epochs = seen.total / seen.epoch
        peak, steps = cycles[0].peak, seen.total
        yield Note(f"a OneCycle over {epochs:,.4g} epochs.", (), Cosine(peak, steps=steps).warmup(max(1, steps // 20)))

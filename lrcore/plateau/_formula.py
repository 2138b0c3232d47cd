"""The formula of a rule: the state after a report, over the namespace of whatever library the report is of.

A product is never next to a sum: what compiles array programs may round the two once, where Python rounds twice. Each
condition compares numbers, and none is the opposite of another condition: Python's ~ is not an array's.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from lrcore._arguments import LARGEST
from lrcore._numeric.namespace import Array, Namespace
from lrcore.plateau._state import PlateauState

if TYPE_CHECKING:
    from lrcore.plateau._rule import Plateau


def after_report(rule: Plateau, s: PlateauState, x: Array, xp: Namespace) -> PlateauState:
    """The state after a report."""
    # A scale that is not the exact one, rounded, was set by somebody
    own = (s.scale == s.exact) | (s.scale == xp.float32(s.exact))
    s = s._replace(scale=xp.where(own, s.exact, s.scale))
    s = _reported(rule, s, x, xp)
    return s._replace(exact=s.scale)


def _reported(rule: Plateau, s: PlateauState, x: Array, xp: Namespace) -> PlateauState:
    """The state after a report, but for `exact`."""
    finite = (x >= -LARGEST) & (x <= LARGEST)
    s = s._replace(reports=s.reports + 1, nonfinite=xp.where(finite, s.nonfinite, s.nonfinite + 1))
    now = None if rule.divergence is None else (s.wait <= 0) & _diverged(rule, rule.divergence, s, x, xp)
    if rule.moving > 1:
        s, x = _moving_mean(rule, s, x, xp)
    if rule.window == 1:
        return _decided(rule, s, x, now, xp)
    seen = s.seen + 1
    mean = (xp.where(s.seen > 0, s.seen * s.mean, 0.0) + x) / seen
    after = _decided(rule, s._replace(seen=0, mean=0.0), mean, now, xp)
    due = seen >= rule.window
    return _where(due if now is None else due | now, after, s._replace(seen=seen, mean=mean), xp)


def _decided(rule: Plateau, s: PlateauState, x: Array, now: Array | None, xp: Namespace) -> PlateauState:
    """The state after a decision on x, which is a cut where `now` holds."""
    free = s.wait <= 0
    better = _better(rule, s, x, xp)
    if not rule.learn_in_cooldown:
        better = better & free
    bad = xp.where(better, 0 if rule.in_a_row else s.bad, s.bad + 1)
    bad = xp.where(free, bad, 0)
    cut = bad > rule.patience
    if rule.sticky:
        cut = cut | (s.cuts > 0)
    if rule.always_from:
        cut = cut | (s.reports >= rule.always_from)
    if now is not None:
        cut = cut | now
    lower = xp.maximum(s.scale * rule.factor, rule.floor)
    made = cut & ((s.scale - lower > rule.smallest) if rule.smallest else (lower < s.scale))
    after = s._replace(
        scale=xp.where(made, lower, s.scale),
        best=x if rule.previous else xp.where(better, x, s.best),
        bad=xp.where(cut, 0, bad),
        wait=xp.where(cut, rule.cooldown, xp.maximum(s.wait - 1, 0)),
        cuts=xp.where(made, s.cuts + 1, s.cuts),
    )
    return _raised(rule, s, after, better & free, cut, xp) if rule.raise_by > 1 else after


def _better(rule: Plateau, s: PlateauState, x: Array, xp: Namespace) -> Array:
    """Whether x is better than the best."""
    if rule.previous:
        return _better_than_before(rule, s, x, xp)
    y, best = (x, s.best) if rule.mode == "min" else (-x, -s.best)
    bar = _bar(rule, best, xp)
    if rule.margin == "report":
        y = y + rule.atol
    else:
        bar = bar - rule.atol
    if rule.float32:
        y, bar = xp.float32(y), xp.float32(bar)
    better = y < bar
    if not rule.infinite_is_best:
        better = better & (x >= -LARGEST) & (x <= LARGEST)
    return better | (s.reports <= 1) if rule.first_is_best else better


def _bar(rule: Plateau, best: Array, xp: Namespace) -> Array:
    """What is better than the best by its share, of a metric that is to be low."""
    known = (best >= -LARGEST) & (best <= LARGEST)
    base = xp.where(known, best, 0.0)  # no inf·0
    own = rule.rtol if rule.mode == "min" else -rule.rtol  # of the best as it was reported
    if rule.margin == "difference":
        share = own if rule.signed else xp.where(best < 0.0, -rule.rtol, rule.rtol)
        return best - xp.where(known, base * share, best * share)
    share = 1.0 - own if rule.signed else xp.where(best < 0.0, 1.0 + rule.rtol, 1.0 - rule.rtol)
    return xp.where(known, base * share, best)


def _better_than_before(rule: Plateau, s: PlateauState, x: Array, xp: Namespace) -> Array:
    """Whether x is better than the report before it."""
    if rule.rtol:
        zero = s.best == 0.0
        change = xp.where(zero, 0.0, (s.best - x) / xp.where(zero, 1.0, s.best))
        better = xp.where(change < rule.rtol, 0.0, 1.0) > 0.5  # so that NaN is
    else:
        better = x - (s.best - rule.atol) <= 0.0
    return better | (s.reports <= 1)


def _diverged(rule: Plateau, times: float, s: PlateauState, x: Array, xp: Namespace) -> Array:
    """Whether x is not finite, or more than so many times the best, where there is one."""
    y, best = (x, s.best) if rule.mode == "min" else (-x, -s.best)
    known = ((best >= -LARGEST) & (best < 0.0)) | ((best > 0.0) & (best <= LARGEST))
    far = known & (y > xp.where(known, best, 1.0) * xp.where(best < 0.0, 1.0 / times, times))
    return far | (x > LARGEST) | (x < -LARGEST) | (x != x)


# What only GreedyLR does.


def _raised(rule: Plateau, s: PlateauState, after: PlateauState, good: Array, cut: Array, xp: Namespace) -> PlateauState:
    """The state after a decision of a rule that also raises."""
    goods, floored, *recent = after.more
    goods = xp.where(good, goods + 1, 0)
    raised = goods > rule.patience
    higher = s.scale * rule.raise_by
    if rule.ceiling is not None:
        higher = xp.minimum(higher, rule.ceiling)
    made = raised & (higher - s.scale > rule.smallest)
    floored = xp.where(raised, 0, xp.where(cut & (after.scale <= rule.floor), floored + 1, floored))
    after = after._replace(
        scale=xp.where(made, higher, after.scale),
        wait=xp.where(raised, rule.rest, after.wait),
        more=(xp.where(raised, 0, goods), floored, *recent),
    )
    if not rule.restart:
        return after
    anew = rule.start()._replace(wait=rule.cooldown, cuts=after.cuts, nonfinite=after.nonfinite, reports=after.reports)
    return _where(floored >= rule.restart, anew, after, xp)


def _moving_mean(rule: Plateau, s: PlateauState, x: Array, xp: Namespace) -> tuple[PlateauState, Array]:
    """The mean of the last reports, from a sum that goes along: one NaN stays in it."""
    goods, floored, held, total, oldest, *recent = s.more
    full = held >= rule.moving
    total = total + x
    total = xp.where(full, total - oldest, total)
    held = xp.where(full, held, held + 1)
    # Full: all move up by one, and x comes last. Not full: x goes into the first free place
    moved = [xp.where(full, new, old) for old, new in pairwise([oldest, *recent, x])]
    placed = [xp.where(full | (held != i), old, x) for i, old in enumerate(moved, 1)]
    return s._replace(more=(goods, floored, held, total, *placed)), total / held


def _where(condition: Array, one: PlateauState, other: PlateauState, xp: Namespace) -> PlateauState:
    """One state or the other."""
    more = tuple(xp.where(condition, a, b) for a, b in zip(one.more, other.more, strict=True))
    return PlateauState._make((*(xp.where(condition, a, b) for a, b in zip(one[:-1], other[:-1], strict=True)), more))

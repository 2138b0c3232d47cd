"""Schedules one after another, written as a person would: a ramp up to a decay is its warmup."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import replace
from itertools import pairwise

from lrcore import Clip, Cosine, Decay, Linear, Scaled, Schedule, Sequence, WarmRestarts


def joined(pieces: SequenceOf[Schedule], boundaries: SequenceOf[int]) -> Schedule:
    """The pieces, each on its own clock from its boundary, without those that no step meets."""
    met = [(begin, piece) for begin, piece in zip((0, *boundaries), pieces, strict=True)]
    while len(met) > 1 and met[1][0] <= 0:
        first = met[1]
        met = [(0, first[1].shift(-first[0]) if first[0] else first[1]), *met[2:]]
    flat: list[tuple[int, Schedule]] = []
    for i, (begin, piece) in enumerate(met):
        end = met[i + 1][0] if i + 1 < len(met) else None
        flat.extend((at, part) for at, part in _flat(begin, piece) if end is None or at < end)
    if len(flat) == 1:
        return flat[0][1]
    return _restarts(flat) or _warmed(flat) or _sequence(flat)


def _flat(begin: int, piece: Schedule) -> list[tuple[int, Schedule]]:
    if not isinstance(piece, Sequence):
        return [(begin, piece)]
    return [(begin + at, part) for at, part in zip((0, *piece.boundaries), piece.schedules, strict=True)]


def _sequence(pieces: SequenceOf[tuple[int, Schedule]]) -> Schedule:
    (_, first), *rest = pieces
    if not rest:
        return first
    return Sequence([first, *(piece for _, piece in rest)], boundaries=[begin for begin, _ in rest])


def _restarts(pieces: SequenceOf[tuple[int, Schedule]]) -> Schedule | None:
    """One cosine several times, each from where the one before ends."""
    first = pieces[0][1]
    if not isinstance(first, Cosine) or any(piece != first for _, piece in pieces):
        return None
    if any(later - begin != first.steps for (begin, _), (later, _) in pairwise(pieces)):
        return None
    return WarmRestarts(first.start, steps=first.steps, end=first.end, cycles=len(pieces))


def _warmed(pieces: SequenceOf[tuple[int, Schedule]]) -> Schedule | None:
    """A ramp that ends at its boundary, with the value that the rest begins with."""
    (_, ramp), (over, _), *_ = pieces
    if not isinstance(ramp, Linear) or ramp.steps != over:
        return None
    rest = _sequence([(begin - over, piece) for begin, piece in pieces[1:]])
    whole = _before_warmup(rest, over)
    if whole is None or rest(0) != ramp.end:
        return None
    return whole.warmup(over, start=ramp.start)


def _before_warmup(rest: Schedule, steps: int) -> Schedule | None:
    """The schedule that a warmup of so many steps leaves `rest` of."""
    try:
        whole: Schedule = rest
        match rest:
            case Decay():
                whole = rest._with(steps=rest.steps + steps)
            case Clip() | Scaled():
                inner = _before_warmup(rest.schedule, steps)
                whole = rest if inner is None else replace(rest, schedule=inner)
            case Sequence():
                first = _before_warmup(rest.schedules[0], steps)
                begins = [boundary + steps for boundary in rest.boundaries]
                whole = rest if first is None else Sequence([first, *rest.schedules[1:]], boundaries=begins)
        return whole if whole._after_warmup(steps) == rest else None
    except ValueError:
        return None

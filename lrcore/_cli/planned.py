"""What commands ask of a run: the fields of a plan as options."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import lrcore
from lrcore import Schedule
from lrcore._cli.asked import as_mistakes
from lrcore.advice import DTYPES, MODELS


def _number(help: str) -> Any:
    return typer.Option(metavar="N", help=help)


Total = Annotated[int | None, _number("Updates of the run.")]
StepsPerEpoch = Annotated[int | None, _number("Updates of an epoch.")]
Stepped = Annotated[
    str, typer.Option(metavar="WHEN", help="What moves the schedule on by one: update, or epoch for a loop that does so.")
]
Batch = Annotated[
    str | None,
    typer.Option(metavar="N", help="Samples of one update, over all processes; or a schedule of them."),
]
Accumulation = Annotated[int, _number("Batches whose gradients make one update.")]
Processes = Annotated[int, _number("Processes that train together.")]
DatasetSize = Annotated[int | None, _number("Samples of an epoch.")]
TokensPerSample = Annotated[int | None, _number("Tokens of a sample.")]
Optimizer = Annotated[str | None, typer.Option(metavar="NAME", help="The optimizer, such as adamw or sgd.")]
Momentum = Annotated[float | None, typer.Option(metavar="X", help="SGD's momentum, or Adam's first beta.")]
Beta2 = Annotated[float | None, typer.Option("--beta2", metavar="X", help="Adam's second beta.")]
WeightDecay = Annotated[float | None, typer.Option(metavar="X", help="The optimizer's weight decay.")]
Dtype = Annotated[str | None, typer.Option(metavar="NAME", help=f"What the parameters are kept in: {', '.join(DTYPES)}.")]
Model = Annotated[str | None, typer.Option(metavar="KIND", help=f"The kind of model: {', '.join(MODELS)}.")]
Pretrained = Annotated[
    bool | None, typer.Option("--pretrained/--from-scratch", help="Whether the weights are trained already.")
]
PlateauRule = Annotated[
    str | None, typer.Option("--plateau", metavar="RULE", help='What lowers the rate at a stall: "Plateau(patience=5)".')
]
Reports = Annotated[int | None, _number("Reports of the metric in the run.")]
Monitor = Annotated[str | None, typer.Option(metavar="NAME", help="The metric's name.")]
StopPatience = Annotated[int | None, _number("Reports without improvement after which the run stops.")]
ReferenceBatch = Annotated[int | None, _number("The batch that the peak was found at.")]


def plateau_of(text: str | None) -> Any:
    """A plateau as it was typed."""
    with as_mistakes("--plateau: "):
        return None if text is None else lrcore.parse(text)


def batch_of(text: str | None) -> int | Schedule | None:
    """A batch as it was typed: a number, or a schedule."""
    if text is None:
        return None
    try:
        return int(text.replace("_", "").replace(",", ""))
    except ValueError:
        with as_mistakes("--batch: "):
            schedule: Schedule = lrcore.parse(text)
            return schedule

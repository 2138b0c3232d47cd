"""Advice about a run before it begins: check a plan, choose one, scale one.

Plan            what is known of a run; its four clocks; batch_ramp, a batch that grows
of_loop         the plan of a training loop, for adapters, with check_groups and optimizer_name
check           what is wrong, or worth a line; Findings, of a Finding each; RULES, of a Rule each
choose          one recommended plan: a Recommendation, with an Alternative or two; TASKS, FRAMEWORKS
rescaled        the plan for another batch, more data, another budget: Rescaled; BATCH_RULES, of a BatchRule each
GroupRates      factors on the rate by parameters' names, for every framework; layerwise, width_ratios
"""

from lrcore._vocabulary import DTYPES, MODELS, OPTIMIZERS
from lrcore.advice._batch_rules import BATCH_RULES, BatchRule
from lrcore.advice._check import check
from lrcore.advice._choices import TASKS, Alternative
from lrcore.advice._choose import FRAMEWORKS, Recommendation, choose
from lrcore.advice._finding import Finding, Findings
from lrcore.advice._groups import GroupRates, layerwise, width_ratios
from lrcore.advice._loop import check_groups, of_loop, optimizer_name
from lrcore.advice._plan import CLOCKS, Plan, Progress
from lrcore.advice._ramp import batch_ramp
from lrcore.advice._rule import RULES, Rule
from lrcore.advice._scale import Rescaled, rescaled
from lrcore.advice._table import Table

__all__ = [
    "BATCH_RULES",
    "CLOCKS",
    "DTYPES",
    "FRAMEWORKS",
    "MODELS",
    "OPTIMIZERS",
    "RULES",
    "TASKS",
    "Alternative",
    "BatchRule",
    "Finding",
    "Findings",
    "GroupRates",
    "Plan",
    "Progress",
    "Recommendation",
    "Rescaled",
    "Rule",
    "Table",
    "batch_ramp",
    "check",
    "check_groups",
    "choose",
    "layerwise",
    "of_loop",
    "optimizer_name",
    "rescaled",
    "width_ratios",
]

for _public in (
    Alternative,
    Recommendation,
    Rescaled,
    batch_ramp,
    check,
    check_groups,
    choose,
    of_loop,
    optimizer_name,
    layerwise,
    rescaled,
    width_ratios,
):
    _public.__module__ = "lrcore.advice"  # their one address
del _public

"""Rates that differ by parameter: one description, from which each framework's groups are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY
from functools import cached_property

from lrcore._arguments import COUNT, FACTOR, NON_NEGATIVE, POSITIVE, as_number, check, refuse, set_field
from lrcore._schedule import Schedule
from lrcore._value import Value, value_class
from lrcore.advice._corrected import times
from lrcore.advice._plan import Plan
from lrcore.advice._seen import Seen
from lrcore.advice._table import Table

_BLOCK = r"(?:(?:^|[./_])(?:blocks?|layers?)|(?:^|[./])h)[._/]?%d(?!\d)"
"""A block of a transformer, as PyTorch (`blocks.3.`), Keras (`transformer_layer_3/`) and Flax (`layers_3/`) name it."""

_FIRST = r"embed|patch|pos_|cls_token|\bw[tp]e\b"
"""What comes before the blocks; wte and wpe are GPT-2's embeddings."""


@value_class
class GroupRates(Value):
    """Factors on the learning rate, by the names of parameters.

        factor(name) = that of the first rule whose pattern is found in the name, or else `default`

    Args:
        rules: (pattern, factor) pairs: a regular expression that is searched in the name, and a number, 0 or more.
        default: the factor of a name that no pattern is found in.

    Raises:
        ValueError: a pattern is not a regular expression, or a factor is below 0.
        TypeError: the rules are not such pairs.

    >>> rates = GroupRates([("^head", 10.0), ("bias$", 2.0)])
    >>> [rates.factor(name) for name in ("head.weight", "body.bias", "body.weight")]
    [10.0, 2.0, 1.0]
    """

    rules: Sequence[tuple[str, float]]
    _: KW_ONLY
    default: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.rules, str) or not isinstance(self.rules, Iterable):
            refuse("GroupRates", "rules", "a sequence of (pattern, factor) pairs", self.rules, kind=True)
        rules = []
        for i, rule in enumerate(self.rules):
            if not isinstance(rule, (tuple, list)) or len(rule) != 2 or not isinstance(rule[0], str):
                refuse("GroupRates", f"rules[{i}]", "a (pattern, factor) pair", rule, kind=True)
            try:
                re.compile(rule[0])
            except re.error as error:
                refuse("GroupRates", f"rules[{i}]", "a regular expression and a factor", rule, hint=str(error))
            rules.append((rule[0], float(as_number("GroupRates", f"rules[{i}]", rule[1], NON_NEGATIVE))))
        set_field(self, "rules", tuple(rules))
        check(self, default=NON_NEGATIVE)
        set_field(self, "default", float(self.default))

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        return tuple((re.compile(pattern), factor) for pattern, factor in self.rules)

    def factor(self, name: str) -> float:
        """The factor of a parameter."""
        return next((factor for pattern, factor in self._patterns if pattern.search(name)), self.default)

    def groups(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The names of each group, by the group's label, which is its factor: "x0.1".

        Raises:
            ValueError: a rule's pattern is found in no name, which is a mistake in the pattern.

        >>> GroupRates([("^head", 10.0)]).groups(["body.weight", "head.weight", "head.bias"])
        {'x1.0': ['body.weight'], 'x10.0': ['head.weight', 'head.bias']}
        """
        known = list(names)
        for i, (pattern, _) in enumerate(self._patterns):
            if not any(pattern.search(name) for name in known):
                some = ", ".join(known[:4])
                refuse("GroupRates.groups", f"rules[{i}]", f"found in a name, such as {some}", pattern.pattern)
        found: dict[str, list[str]] = {}
        for name in known:
            found.setdefault(self.label(name), []).append(name)
        return found

    def label(self, name: str) -> str:
        """The label of a parameter's group."""
        return _label(self.factor(name))

    def schedules(self, lr: Schedule) -> dict[str, Schedule]:
        """The schedule of each group by its label: `lr` times the factor.

        >>> from lrcore import Cosine
        >>> GroupRates([("^head", 10.0)]).schedules(Cosine(1e-4, steps=100))
        {'x10.0': Cosine(0.001, steps=100), 'x1.0': Cosine(0.0001, steps=100)}
        """
        factors = dict.fromkeys([*(factor for _, factor in self.rules), self.default])
        return {_label(factor): lr if factor == 1 else times(lr, factor) for factor in factors}

    def table(self, parameters: Mapping[str, int] | Iterable[str], lr: Schedule | Plan) -> Table:
        """Who gets which rate: a row for each group, the highest factor first.

        Args:
            parameters: the number of values of each parameter by its name, or the names alone.
            lr: the schedule, or the plan with it.

        >>> from lrcore import Cosine
        >>> print(GroupRates([("^head", 10.0)]).table({"body.weight": 900, "head.weight": 30}, Cosine(1e-4, steps=100)))
        group  factor    peak  tensors  values  such as
        x10.0      10   0.001        1      30  head.weight
        x1.0        1  0.0001        1     900  body.weight
        """
        sizes = dict(parameters) if isinstance(parameters, Mapping) else None
        peak = Seen(lr if isinstance(lr, Plan) else Plan(lr)).peak
        rows = []
        for label, names in self.groups(parameters).items():
            factor = self.factor(names[0])
            values = None if sizes is None else sum(sizes[name] for name in names)
            rows.append((label, factor, factor * peak, len(names), values, names[0]))
        return Table(
            ("group", "factor", "peak", "tensors", "values", "such as"), sorted(rows, key=lambda row: -float(row[1]))
        )


def _label(factor: float) -> str:
    return f"x{factor!r}"


def layerwise(layers: int, *, decay: float = 0.75, block: str = _BLOCK, first: str = _FIRST) -> GroupRates:
    """Rates that fall from the last block of a network to its first: for fine-tuning, whose first layers know most.

        factor of block i = decay**(layers - i)        i = 0 .. layers - 1
        factor of what comes first = decay**(layers + 1)
        factor of everything else, which comes last = 1

    Args:
        layers: the number of blocks.
        decay: the ratio of the rates of two neighbouring blocks.
        block: a pattern with %d for the number of a block.
        first: a pattern of what comes before the blocks.

    Raises:
        ValueError: a number is out of range, or `block` has no %d.

    Reference: Clark et al., ELECTRA (arXiv:2003.10555), appendix; Bao et al., BEiT (arXiv:2106.08254), 0.65 to 0.75.

    >>> rates = layerwise(2, decay=0.5)
    >>> [rates.factor(name) for name in ("patch_embed.proj", "blocks.0.mlp", "blocks.1.mlp", "head.weight")]
    [0.125, 0.25, 0.5, 1.0]
    """
    count = as_number("layerwise", "layers", layers, COUNT)
    ratio = as_number("layerwise", "decay", decay, FACTOR)
    if not isinstance(block, str) or "%d" not in block:
        refuse("layerwise", "block", "a pattern with %d for the number of a block", block)
    blocks = [(block.replace("%d", str(i)), ratio ** (count - i)) for i in range(count)]
    return GroupRates([*blocks, (first, ratio ** (count + 1))])


def width_ratios(base: int, widths: Mapping[str, int]) -> GroupRates:
    """Rates of matrices in inverse proportion to their width, as muP has them with Adam: a peak holds at other widths.

        factor of a matrix = base/width

    with width the inputs of the matrix, and base those in the model that the peak was found with. In muP, vectors and the
    matrices of the input keep the rate: give no pattern for them. It also changes the initialisation and the output's
    multiplier, which is not of the rate.

    Args:
        base: the width of the model that the peak was found with.
        widths: the width now, by a pattern of names.

    Reference: Yang et al., Tensor Programs V (arXiv:2203.03466), table 8.

    >>> width_ratios(256, {r"attn|mlp": 1_024}).factor("blocks.0.mlp.weight")
    0.25
    """
    number = as_number("width_ratios", "base", base, POSITIVE)
    return GroupRates(
        [(name, number / as_number("width_ratios", f"widths[{name!r}]", width, POSITIVE)) for name, width in widths.items()]
    )

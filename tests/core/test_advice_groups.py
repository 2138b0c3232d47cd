"""Rates that differ by parameter: factors, groups, schedules and the table of who gets which rate."""

from __future__ import annotations

from typing import Any

import pytest

from lrcore import Cosine, from_dict, parse
from lrcore.advice import GroupRates, Plan, layerwise, width_ratios

VIT = [
    "cls_token",
    "pos_embed",
    "patch_embed.proj.weight",
    *(f"blocks.{i}.mlp.fc1.weight" for i in range(12)),
    "head.weight",
]


def test_layerwise_rates_are_those_of_beit() -> None:
    rates = layerwise(12, decay=0.65)
    assert rates.factor("head.weight") == rates.factor("norm.weight") == 1.0
    assert [rates.factor(f"blocks.{i}.attn.qkv.weight") for i in (0, 1, 11)] == [0.65**12, 0.65**11, 0.65]
    assert rates.factor("cls_token") == rates.factor("pos_embed") == rates.factor("patch_embed.proj.bias") == 0.65**13


@pytest.mark.parametrize(
    "name",
    [
        "blocks.1.w",
        "encoder/layer_1/dense/kernel",
        "transformer.h.1.ln.weight",
        "layers/1/kernel",
        "block1/w",
        "transformer_layer_1/kernel",
    ],
)
def test_a_block_is_known_as_every_framework_names_it(name: str) -> None:
    rates = layerwise(12, decay=0.5)
    assert rates.factor(name) == 0.5**11
    assert rates.factor(name.replace("1", "11")) == 0.5


def test_the_embeddings_of_gpt2_come_first_and_its_head_last() -> None:
    rates = layerwise(12, decay=0.5)
    assert rates.factor("transformer.wte.weight") == rates.factor("transformer.wpe.weight") == 0.5**13
    assert rates.factor("lm_head.weight") == rates.factor("transformer.ln_f.weight") == 1.0


def test_the_groups_of_a_model_have_a_label_for_each_factor() -> None:
    groups = layerwise(12).groups(VIT)
    assert len(groups) == 14
    assert sum(map(len, groups.values())) == len(VIT)
    assert groups["x1.0"] == ["head.weight"]
    assert set(groups) == set(layerwise(12).schedules(Cosine(1e-3, steps=100)))


def test_the_table_says_who_gets_which_rate() -> None:
    table = layerwise(12, decay=0.5).table(dict.fromkeys(VIT, 10), Plan(Cosine(1e-3, steps=100)))
    assert table.columns == ("group", "factor", "peak", "tensors", "values", "such as")
    assert [row[1:5] for row in (table.rows[0], table.rows[-1])] == [(1.0, 1e-3, 1, 10), (0.5**13, 1e-3 * 0.5**13, 3, 30)]
    assert str(table).splitlines()[1].split() == ["x1.0", "1", "0.001", "1", "10", "head.weight"]


def test_the_first_rule_that_is_found_holds() -> None:
    rates = GroupRates([(r"head\.bias", 20.0), ("head", 10.0)], default=0.5)
    assert [rates.factor(name) for name in ("head.bias", "head.weight", "body")] == [20.0, 10.0, 0.5]


def test_a_width_of_four_times_the_base_has_a_quarter_of_the_rate() -> None:
    rates = width_ratios(256, {"attn|mlp": 1_024})
    assert [rates.factor(name) for name in ("blocks.0.mlp.weight", "embed.weight")] == [0.25, 1.0]


def test_group_rates_are_values() -> None:
    rates = layerwise(2)
    assert parse(repr(rates)) == rates == from_dict(rates.to_dict())


FAULTS: list[tuple[Any, str]] = [
    (lambda: GroupRates("head"), "GroupRates.rules must be a sequence of (pattern, factor) pairs, got 'head'."),
    (lambda: GroupRates([("head", -1)]), "GroupRates.rules[0] must be a finite number, 0 or more, got -1."),
    (
        lambda: GroupRates([("(", 1)]),
        "GroupRates.rules[0] must be a regular expression and a factor, got ('(', 1); missing ), unterminated "
        "subpattern at position 0.",
    ),
    (
        lambda: GroupRates([("tail", 2.0)]).groups(["head"]),
        "GroupRates.groups.rules[0] must be found in a name, such as head, got 'tail'.",
    ),
    (lambda: layerwise(0), "layerwise.layers must be a positive integer, got 0."),
    (lambda: layerwise(2, decay=1.5), "layerwise.decay must be a number above 0 and at most 1, got 1.5."),
    (
        lambda: layerwise(2, block="blocks"),
        "layerwise.block must be a pattern with %d for the number of a block, got 'blocks'.",
    ),
]


@pytest.mark.parametrize(("call", "message"), FAULTS, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_a_mistake_says_what_must_hold(call: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert str(error.value) == message

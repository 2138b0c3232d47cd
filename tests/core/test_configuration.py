"""Schedules in configuration: pydantic models, argparse, YAML, and the mappings of configuration libraries."""

from __future__ import annotations

import argparse
import json
from collections import ChainMap
from types import MappingProxyType
from typing import Any

import pydantic
import pytest
import yaml
from pydantic_core import PydanticSerializationError

import lrcore
from lrcore import Cosine, Custom, Decay, Interpolate, Schedule

LR = Cosine(3e-4, steps=1000, end=3e-5).warmup(100)


class Config(pydantic.BaseModel):
    lr: Schedule
    decay: Decay | None = None


@pytest.mark.parametrize("given", [LR, repr(LR), LR.to_dict()], ids=["value", "text", "dict"])
def test_a_pydantic_model_takes_a_schedule_its_text_or_its_dict_and_keeps_it(given: Any) -> None:
    config = Config(lr=given)
    assert config.lr == LR
    assert config.model_dump() == {"lr": repr(LR), "decay": None}
    assert Config.model_validate_json(config.model_dump_json()) == config
    assert Config.model_json_schema()["properties"]["lr"] == {"title": "Lr", "type": "string"}


def test_what_a_pydantic_model_cannot_take_is_said_by_the_field() -> None:
    for given, message in [
        ("Cosin(0.1, steps=5)", "there is no schedule 'Cosin'"),
        ({}, "from_dict knows no family None."),
        (3, "a Schedule is wanted, or its text or dict, got 3."),
        ({"family": "Cosine", "start": "3e-4", "steps": 5}, "that is text: write 0.0003"),
    ]:
        with pytest.raises(pydantic.ValidationError, match=r"^1 validation error for Config\nlr\n") as caught:
            Config(lr=given)  # type: ignore[arg-type]
        assert message in str(caught.value)
    with pytest.raises(pydantic.ValidationError, match="a Decay is wanted"):
        Config(lr=LR, decay=LR)  # type: ignore[arg-type]


def test_a_function_is_not_lost_by_a_pydantic_model() -> None:
    with pytest.raises(PydanticSerializationError, match="it is code, not data"):
        Config(lr=Custom(lambda t: 0.1)).model_dump()


def test_argparse_shows_the_message_of_parse(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="train")
    parser.add_argument("--lr", type=lrcore.parse)
    assert parser.parse_args(["--lr", "Cosine(0.1, steps=5)"]).lr == Cosine(0.1, steps=5)
    with pytest.raises(SystemExit):
        parser.parse_args(["--lr", "Cosin(0.1, steps=5)"])
    assert "did you mean 'Cosine'?" in capsys.readouterr().err


def test_a_mapping_of_any_kind_is_read_as_a_dict_is() -> None:
    data = LR.to_dict()
    inner = MappingProxyType(data["schedule"])
    assert lrcore.from_dict(ChainMap({"schedule": inner}, data)) == LR
    points = Interpolate([(0, 0.0), (5, 1.0)])
    assert lrcore.from_dict({"family": "Interpolate", "points": ((0, 0.0), (5, 1.0))}) == points
    assert lrcore.from_dict(json.loads(json.dumps(points.to_dict()))) == points


def test_yaml_gives_a_schedule_back_and_its_trap_is_named() -> None:
    assert lrcore.from_dict(yaml.safe_load(yaml.safe_dump(LR.to_dict()))) == LR
    assert lrcore.parse(yaml.safe_load(f'lr: "{LR!r}"')["lr"]) == LR
    with pytest.raises(TypeError, match=r"got '3e-4'; that is text: write 0\.0003, and in YAML 3\.0e-4"):
        lrcore.from_dict(yaml.safe_load("{family: Cosine, start: 3e-4, steps: 1000}"))


def test_a_schedule_without_a_formula_cannot_be_built() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Schedule()  # type: ignore[abstract]

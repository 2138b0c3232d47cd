"""A schedule in configuration systems, each with the real library, as `docs/configuration.md` says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import jax.numpy as jnp
import jsonargparse
import lightning
import numpy as np
import optax
import pydantic
import pytest
import torch
import transformers
import typer
import tyro
import yaml
from hydra.utils import instantiate
from jsonargparse.typing import register_type
from lightning.pytorch.cli import LightningCLI
from omegaconf import OmegaConf
from typer.testing import CliRunner

import lrcore
from lrcore import Constant, Cosine, Linear, Schedule, Sequence, parse
from lrcore._catalogue import CLASSES
from lrcore_torch import ScheduleLR

LR = Cosine(3e-4, steps=1_000, end=3e-5).warmup(100)
TEXT = "Cosine(3e-4, steps=1_000, end=3e-5).warmup(100)"
MISTAKE = "there is no schedule 'Cosin'; did you mean 'Cosine'?"


def test_one_yaml_file_gives_a_pytorch_job_and_a_jax_job_the_same_rates(tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text(f"lr: {TEXT}\nbatch: 256\n")

    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = ScheduleLR(optimizer, parse(yaml.safe_load(file.read_text())["lr"]))
    theirs = []
    for _ in range(1_100):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()

    lr = parse(yaml.safe_load(file.read_text())["lr"])
    state = optax.sgd(lr).init(jnp.zeros(1))
    assert state is not None
    ours = np.asarray(lr(jnp.arange(1_100)))
    assert ours.dtype == np.float32
    assert ours.tolist() == np.float32(theirs).tolist()


def test_a_pydantic_model_has_a_string_in_its_schema_and_text_for_its_default() -> None:
    class Settings(pydantic.BaseModel):
        lr: Schedule = LR

    assert Settings.model_json_schema()["properties"]["lr"] == {"default": repr(LR), "title": "Lr", "type": "string"}
    assert Settings.model_validate_json(Settings().model_dump_json()) == Settings(lr=TEXT)  # type: ignore[arg-type]
    assert Settings(lr=LR.to_dict()).lr == LR  # type: ignore[arg-type]


def test_typer_takes_the_text_and_shows_the_message_for_a_mistake() -> None:
    app, got = typer.Typer(), []

    @app.command()
    def train(lr: Annotated[Schedule, typer.Option(parser=parse)] = "Constant(0.1)") -> None:  # type: ignore[assignment]
        got.append(lr)

    assert CliRunner().invoke(app, ["--lr", TEXT]).exit_code == 0
    assert CliRunner().invoke(app, []).exit_code == 0
    assert got == [LR, Constant(0.1)]
    told = CliRunner().invoke(app, ["--lr", "Cosin(0.1, steps=5)"])
    assert told.exit_code == 2
    assert "there is no schedule 'Cosin'" in told.output


@dataclasses.dataclass
class Fields:
    lr: Schedule = LR


TEXT_OF_TYRO = Annotated[
    Schedule,
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="SCHEDULE",
        instance_from_str=lambda words: parse(words[0]),
        is_instance=lambda value: isinstance(value, Schedule),
        str_from_instance=lambda value: [repr(value)],
    ),
]


def test_tyro_has_an_option_for_each_field_or_one_for_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert tyro.cli(Fields, args=["--lr.schedule.steps", "2000"]).lr == Cosine(3e-4, steps=2_000, end=3e-5).warmup(100)
    whole = dataclasses.make_dataclass("Whole", [("lr", TEXT_OF_TYRO, dataclasses.field(default=Constant(0.1)))])
    assert tyro.cli(whole, args=["--lr", TEXT]).lr == LR
    assert tyro.cli(whole, args=[]).lr == Constant(0.1)
    with pytest.raises(SystemExit):
        tyro.cli(whole, args=["--lr", "Cosin(0.1, steps=5)"])
    assert MISTAKE in capsys.readouterr().err


class Model(lightning.LightningModule):
    def __init__(self, lr: Schedule) -> None:
        super().__init__()
        self.lr = lr


@pytest.mark.filterwarnings("ignore::jsonargparse._deprecated.JsonargparseDeprecationWarning")  # Lightning's own use of it
def test_jsonargparse_takes_the_classes_and_after_a_line_the_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["train"])
    by_class = jsonargparse.ArgumentParser()
    by_class.add_class_arguments(Model, "model")
    inner = {"class_path": "lrcore.Cosine", "init_args": {"start": 3e-4, "steps": 1_000, "end": 3e-5}}
    outer = {"class_path": "lrcore.Warmup", "init_args": {"schedule": inner, "steps": 100}}
    assert by_class.instantiate(by_class.parse_object({"model": {"lr": outer}})).model.lr == LR

    register_type(Schedule, repr, parse, type_check=isinstance)
    parser = jsonargparse.ArgumentParser()
    parser.add_class_arguments(Model, "model")
    config = parser.parse_args(["--model.lr", TEXT])
    assert parser.instantiate(config).model.lr == LR
    assert yaml.safe_load(parser.dump(config)) == {"model": {"lr": repr(LR)}}
    with pytest.raises(SystemExit):
        parser.parse_args(["--model.lr", "Cosin(0.1, steps=5)"])
    assert MISTAKE in capsys.readouterr().err

    file = tmp_path / "model.yaml"
    file.write_text(f"model:\n  lr: {TEXT}\n")
    quiet = {"logger": False, "enable_checkpointing": False, "accelerator": "cpu", "enable_progress_bar": False}
    for args in (["--model.lr", TEXT], ["--config", str(file)]):
        cli = LightningCLI(
            Model, run=False, args=args, save_config_callback=None, trainer_defaults=quiet, seed_everything_default=False
        )
        assert cli.model.lr == LR


def test_omegaconf_holds_text_a_dict_and_a_schedule() -> None:
    config = OmegaConf.create({"updates": 1_000, "lr": "Cosine(3e-4, steps=${updates}, end=3e-5).warmup(100)"})
    assert parse(config.lr) == LR
    assert lrcore.from_dict(OmegaConf.create({"lr": LR.to_dict()}).lr) == LR
    held = OmegaConf.create({"lr": LR})
    assert held.lr.schedule.steps == 1_000
    assert OmegaConf.to_object(held) == {"lr": LR}
    assert OmegaConf.to_object(OmegaConf.structured(Fields)) == Fields()


def test_hydra_instantiates_text_and_classes_at_any_depth() -> None:
    assert instantiate({"_target_": "lrcore.parse", "text": TEXT}) == LR
    assert instantiate({"_target_": "lrcore.from_dict", "data": LR.to_dict()}) == LR
    cosine = {"_target_": "lrcore.Cosine", "start": 3e-4, "steps": 1_000, "end": 3e-5}
    assert instantiate({"_target_": "lrcore.Warmup", "schedule": cosine, "steps": 100}) == LR
    linear = {"_target_": "lrcore.Linear", "start": 0.0, "end": 3e-4, "steps": 100}
    several = {"_target_": "lrcore.Sequence", "_convert_": "object", "schedules": [linear, cosine], "boundaries": [100]}
    wanted = Sequence([Linear(0.0, end=3e-4, steps=100), Cosine(3e-4, steps=1_000, end=3e-5)], boundaries=[100])
    assert instantiate(several) == wanted


@dataclasses.dataclass
class Arguments:
    lr: str = "Constant(0.1)"

    def __post_init__(self) -> None:
        self.schedule = parse(self.lr)


def test_hugging_faces_argument_dataclasses_keep_the_text() -> None:
    parser = transformers.HfArgumentParser(Arguments)  # type: ignore[arg-type]
    (by_text,) = parser.parse_args_into_dataclasses(["--lr", TEXT])
    (by_dict,) = parser.parse_dict({"lr": TEXT})
    assert (by_text.schedule, by_dict.schedule) == (LR, LR)
    assert json.loads(json.dumps(dataclasses.asdict(by_text))) == {"lr": TEXT}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_the_annotations_of_a_class_can_be_read_where_it_says_it_is_from(kind: Any) -> None:
    import typing

    hints = typing.get_type_hints(kind)
    assert {field.name for field in dataclasses.fields(kind)} <= hints.keys()
    assert not any(isinstance(hint, str) for hint in hints.values())

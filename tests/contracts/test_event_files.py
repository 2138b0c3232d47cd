"""TensorBoard's event files give the numbers that its writer was given."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

from lrcore._logs.metric import Metric, read_metric


def same(found: Metric, values: tuple[float, ...], steps: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(found.values, values)
    assert (found.steps, found.clock) == (steps, "step")


def event_file(folder: Path, *values: tuple[int, Summary.Value]) -> Path:
    """An event file as TensorBoard's own writer makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "events.out.tfevents.0"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        for step, value in values:
            writer.write(Event(step=step, summary=Summary(value=[value])).SerializeToString())
    return path


def scalar(tag: str, value: float) -> Summary.Value:
    return Summary.Value(tag=tag, simple_value=value)


def test_tensorboards_event_files_are_read_one_or_a_folder_of_runs(tmp_path: Path) -> None:
    event_file(tmp_path / "train", (0, scalar("epoch_loss", 3.0)))
    points = (0, scalar("epoch_loss", 4.0)), (1, scalar("epoch_loss", math.nan)), (1, scalar("val/acc", 0.5))
    path = event_file(tmp_path / "validation", *points)
    same(read_metric(path, "epoch_loss"), (4.0, math.nan), (0, 1))
    same(read_metric(tmp_path, "validation/epoch_loss"), (4.0, math.nan), (0, 1))
    same(read_metric(str(tmp_path), "val/acc"), (0.5,), (1,))
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        read_metric(tmp_path, "epoch_loss")
    assert str(error.value) == (
        f"{tmp_path} has 'epoch_loss' in several runs: name one of train/epoch_loss, validation/epoch_loss."
    )


def test_a_damaged_event_file_is_an_error(tmp_path: Path) -> None:
    path = event_file(tmp_path, (0, scalar("loss", 3.0)), (1, scalar("loss", 2.0)))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match=rf"^{path}: .*truncat"):
        read_metric(path, "loss")


def test_keras_s_scalars_are_read_beside_what_is_no_number(tmp_path: Path) -> None:
    plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
    contents = {"loss": np.float32(0.5), "weights": np.ones(3), "text": "words"}
    tensors = {tag: make_tensor_proto(content) for tag, content in contents.items()}
    event_file(tmp_path, *((7, Summary.Value(tag=tag, tensor=tensor, metadata=plugin)) for tag, tensor in tensors.items()))
    same(read_metric(tmp_path), (0.5,), (7,))

"""TensorBoard's event files, by TensorBoard's own reader: the one that it has for a machine without TensorFlow.

Its `EventAccumulator` would import TensorFlow where it is installed, which takes seconds and writes to the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "tfevents"
"""What the name of every event file has in it."""


def event_files(folder: Path) -> list[Path]:
    """The event files in a folder and in those inside it, in the order in which they were begun."""
    return sorted(path for path in folder.rglob(f"*{MARK}*") if path.is_file())


def event_rows(files: list[Path], root: Path) -> Iterator[dict[str, Any]]:
    """A row for each scalar; one of a run in a folder below `root` is called `run/tag`, as TensorBoard shows it.

    Raises:
        ImportError: TensorBoard is missing.
        ValueError: a file is damaged, or its last record is not whole.
    """
    try:
        from tensorboard.compat.proto import event_pb2
        from tensorboard.compat.tensorflow_stub import errors
        from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
        from tensorboard.util.tensor_util import make_ndarray
    except ModuleNotFoundError as missing:
        raise ImportError("TensorBoard's event files need its reader: pip install tensorboard") from missing

    new_event = vars(event_pb2)["Event"].FromString  # which protobuf makes when it is imported
    for file in files:
        run = file.parent.relative_to(root).as_posix()
        prefix = "" if run == "." else f"{run}/"
        reader = PyRecordReader_New(str(file))
        while True:
            try:
                reader.GetNext()
            except errors.OutOfRangeError:
                break
            except errors.DataLossError as damage:
                raise ValueError(f"{file}: {damage.message}.") from damage
            event = new_event(reader.record())
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                if kind == "simple_value":
                    number = value.simple_value
                elif kind == "tensor" and value.metadata.plugin_data.plugin_name in ("", "scalars"):
                    array = make_ndarray(value.tensor)
                    if array.ndim or array.dtype.kind not in "fiu":
                        continue
                    number = array.item()
                else:
                    continue
                yield {"step": event.step, f"{prefix}{value.tag}": number}

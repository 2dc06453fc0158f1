"""What TensorBoard itself writes and reads. Needs the PyPI package tensorboard; the tests need this only to read (and skip it).

python test/golden/tfevents.py > test/golden/tfevents.json    the golden file: EVENTS, written by TensorBoard's own classes
python test/golden/tfevents.py read FOLDER                    what TensorBoard reads in a folder, as JSON
"""

import base64
import io
import json
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.compat.proto.types_pb2 import DT_STRING
    from tensorboard.summary.writer.record_writer import RecordWriter
    from tensorboard.util.tensor_util import make_ndarray
except ImportError as error:
    json.dump({"missing": str(error)}, sys.stdout)
    sys.exit()

WALL_TIME = 1_750_000_000.25
EVENTS = [
    {"wallTime": WALL_TIME, "step": 0, "texts": {"sample/model": "```text\nété 👍🏽\n```"}},
    {"wallTime": WALL_TIME + 0.125, "step": 1, "scalars": {"loss/training": 5.545177, "optimizer/learning_rate": 1e-5}},
    {"wallTime": WALL_TIME + 1, "step": 300, "scalars": {"loss/training": 3.1, "loss/held_out": -0.0}, "texts": {"sample/model": "x" * 300, "note": ""}},
    {"wallTime": WALL_TIME + 86_400, "step": 5_000_000_000, "scalars": {"loss/training": 1e-40}},
]


def event(one: dict, described: set) -> Event:
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in one.get("scalars", {}).items()]
    for tag, text in one.get("texts", {}).items():
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
        value = Summary.Value(tag=tag, tensor=TensorProto(dtype=DT_STRING, tensor_shape=shape, string_val=[text.encode()]))
        if tag not in described:
            value.metadata.CopyFrom(SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text")))
        described.add(tag)
        values.append(value)
    return Event(wall_time=one["wallTime"], step=one["step"], summary=Summary(value=values))


def written() -> bytes:
    described: set = set()
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=WALL_TIME, file_version="brain.Event:2").SerializeToString())
    for one in EVENTS:
        writer.write(event(one, described).SerializeToString())
    return file.getvalue()


def read(folder: str) -> dict:
    board = EventAccumulator(folder, size_guidance={"tensors": 0, "scalars": 0})
    board.Reload()
    out: dict = {"scalars": {}, "texts": {}}
    for tag in board.Tags()["tensors"]:
        text = board.SummaryMetadata(tag).plugin_data.plugin_name == "text"
        for one in board.Tensors(tag):
            array = make_ndarray(one.tensor_proto)
            value = array.flatten()[0].decode() if text else float(array)
            out["texts" if text else "scalars"].setdefault(tag, []).append([one.wall_time, one.step, value])
    for tag in board.Tags()["scalars"]:
        out["scalars"][tag] = [[one.wall_time, one.step, one.value] for one in board.Scalars(tag)]
    return out


if sys.argv[1:2] == ["read"]:
    json.dump(read(sys.argv[2]), sys.stdout)
else:
    json.dump({"wallTime": WALL_TIME, "events": EVENTS, "file": base64.b64encode(written()).decode()}, sys.stdout, indent=1)
    print()

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.patient import Patient
from widgets.chunk_cache import ChunkCache
from widgets.slice_server import SliceServer, pack_bits


def _request(**more: Any) -> dict[str, Any]:
    return {
        "kind": "plane", "seq": 7, "revision": 1, "pane": 0, "index": 0, "time": 0,
        "image": True, "segments": [], **more,
    }  # fmt: skip


@pytest.fixture
def server(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> SliceServer:
    values = np.arange(4 * 5 * 11, dtype=np.int16).reshape(4, 5, 11)
    left = np.zeros(values.shape, bool)
    left[:, :, 6:] = True
    top = np.zeros(values.shape, bool)
    top[3] = True
    # x runs to the patient's right, so the display turns it around
    affine = np.diag([-1.0, 1, 2, 1])
    patient = made(
        image_draft("ct", values, affine), seg_draft("seg", {"a": left, "b": top}, affine, "ct")
    )
    return SliceServer(patient.images["ct"], list(patient.segmentations.values()), ChunkCache())


def test_values_come_as_they_are_shown(server: SliceServer) -> None:
    values = np.arange(4 * 5 * 11, dtype=np.int16).reshape(4, 5, 11)
    message, buffers = server.reply(_request(index=2))
    assert message == {
        "kind": "plane", "seq": 7, "revision": 1, "pane": 0, "index": 2, "time": 0,
        "image": True, "dtype": "int16", "rows": 5, "cols": 11, "segments": [], "present": [],
        "boxes": [], "layers": [],
    }  # fmt: skip
    shown = np.frombuffer(buffers[0], "<i2").reshape(5, 11)
    np.testing.assert_array_equal(shown, values[2][:, ::-1])
    _, buffers = server.reply(_request(pane=1, index=3))
    shown = np.frombuffer(buffers[0], "<i2").reshape(4, 11)
    np.testing.assert_array_equal(shown, values[::-1, 3, ::-1])


def test_segments_come_as_bits_where_they_are(server: SliceServer) -> None:
    message, buffers = server.reply(_request(index=1, image=False, segments=[0, 1]))
    assert (message["image"], message["segments"], message["present"]) == (False, [0, 1], [0])
    assert message["boxes"] == [[0, 5, 0, 5]], "only the part that holds it travels"
    assert buffers == [bytes([0b11111] * 5)]
    message, buffers = server.reply(_request(index=3, segments=[1, 0]))
    assert message["present"] == [1, 0]
    assert message["boxes"] == [[0, 5, 0, 11], [0, 5, 0, 5]]
    assert [len(b) for b in buffers] == [5 * 11 * 2, 10, 5]


def test_pack_bits_puts_the_first_column_into_the_lowest_bit() -> None:
    mask = np.zeros((2, 9), bool)
    mask[0, 0] = mask[1, 8] = True
    assert pack_bits(mask) == bytes([1, 0, 0, 1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"index": 4}, "planes 0 to 3"),
        ({"index": -1}, "planes 0 to 3"),
        ({"index": "2"}, "a whole number"),
        ({"index": True}, "a whole number"),
        ({"pane": 3}, "0 to 2"),
        ({"time": 1}, "times 0 to 0"),
        ({"segments": [2]}, "0 to 1"),
        ({"segments": 5}, "TypeError"),
    ],
)
def test_a_wrong_request_gets_a_message(
    server: SliceServer, wrong: dict[str, Any], told: str
) -> None:
    message, buffers = server.reply(_request(**wrong))
    assert message["kind"] == "error"
    assert message["seq"] == 7
    assert told in message["message"]
    assert buffers == []


def test_floats_for_values_that_are_no_integers(sarcoma: Patient) -> None:
    image = sarcoma.images["PT"]
    server = SliceServer(image, [], ChunkCache())
    message, buffers = server.reply(_request(pane=2, index=14))
    assert message["dtype"] == "float32"
    shown = np.frombuffer(buffers[0], "<f4").reshape(message["rows"], message["cols"])
    np.testing.assert_array_equal(shown, image.data.values[::-1, :, 14])


def test_a_source_that_is_gone_is_said_in_words(sarcoma: Patient, tmp_path: Path) -> None:
    import shutil

    import explorer
    from explorer.ingest import ingest

    folder = tmp_path / "ct"
    folder.mkdir()
    for file in sarcoma.images["CT"].sources():
        shutil.copy(file["uri"], folder)
    store = explorer.open(tmp_path / "s.onco", create=True)
    ingest([folder], store)
    image = store["STS_002"].images["CT"]
    server = SliceServer(image, [], ChunkCache())
    shutil.rmtree(folder)
    message, _ = server.reply(_request(index=3))
    assert message["kind"] == "error"
    assert "The pixels cannot be read" in message["message"]
    assert "What to do" in message["message"]


def test_neighbours_are_read_ahead(sarcoma: Patient) -> None:
    cache = ChunkCache()
    server = SliceServer(sarcoma.images["CT"], [], cache)
    server.reply(_request(index=20))
    waiting = threading.Event()
    for _ in range(3600):
        if len(cache) == 3:
            break
        waiting.wait(0.05)
    misses = cache.misses
    server.reply(_request(index=21))
    server.reply(_request(index=19))
    assert len(cache) >= 3
    assert misses == 3, "20 itself, 21 and 19"

"""Figures with captions are streamed from tar shards; all of it here is synthetic."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import FileRefusedError
from explorer.index.caption_stream import CaptionStream

JPEG = b"\xff\xd8\xff synthetic figure"
TERMS = ("CC BY 4.0", "CC BY-NC 4.0", "CC0", None)


def shard(path: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def sample(key: str, terms: str | None, **more: Any) -> list[tuple[str, bytes]]:
    about = {"license": terms, "synthetic": True, **more}
    return [
        (f"{key}.jpg", JPEG),
        (f"{key}.txt", f"Caption of {key}".encode()),
        (f"{key}.json", json.dumps(about).encode()),
    ]


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    return [
        shard(
            tmp_path / f"{n}.tar",
            [m for k in range(20) for m in sample(f"fig-{n}-{k:02}", TERMS[k % len(TERMS)])],
        )
        for n in range(3)
    ]


def test_terms_are_counted_exactly(shards: list[Path]) -> None:
    stream = CaptionStream(shards)
    pairs = list(stream)
    assert len(pairs) == 30
    assert {pair.terms for pair in pairs} == {"CC BY 4.0", "CC0"}
    assert stream.met == {"CC BY 4.0": 15, "CC BY-NC 4.0": 15, "CC0": 15, "unknown": 15}
    assert stream.kept == {"CC BY 4.0": 15, "CC0": 15}
    assert pairs[0].figure == JPEG
    assert pairs[0].caption == "Caption of fig-0-00"
    assert pairs[0].metadata["synthetic"] is True
    everything = ("attribution", "non-commercial", "unknown")
    assert len(list(CaptionStream(shards, uses=everything))) == 60


def test_it_goes_on_where_it_was(shards: list[Path]) -> None:
    whole = CaptionStream(shards)
    expected = [pair.key for pair in whole]
    for stop in (1, 7, 10, 11, 29):
        first = CaptionStream(shards)
        pairs = iter(first)
        begun = [next(pairs).key for _ in range(stop)]
        place = json.loads(json.dumps(first.position))
        second = CaptionStream(shards, start=place)
        assert begun + [pair.key for pair in second] == expected
        assert (second.met, second.kept) == (whole.met, whole.kept)
    with pytest.raises(FileRefusedError, match="other shards"):
        CaptionStream(shards[:2], start=place)


def test_what_is_malformed_is_refused(tmp_path: Path) -> None:
    good = sample("good", "CC0")
    members = [
        *good,
        ("no-figure.txt", b"text"),
        ("no-caption.jpg", JPEG),
        ("no-jpeg.jpg", b"GIF89a"), ("no-jpeg.txt", b"text"),
        ("no-json.jpg", JPEG), ("no-json.txt", b"text"), ("no-json.json", b"{"),
        ("list.jpg", JPEG), ("list.txt", b"text"), ("list.json", b"[]"),
        ("twice.jpg", JPEG), ("twice.jpg", JPEG), ("twice.txt", b"text"),
        ("../out.jpg", JPEG),
        ("/root.jpg", JPEG),
        ("deep.jpg", JPEG), ("deep.txt", b"text"), ("deep.json", b"[" * 200_000),
        *sample("last", "CC0"),
    ]  # fmt: skip
    path = shard(tmp_path / "odd.tar", members)
    with tarfile.open(path, "a") as tar:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    stream = CaptionStream([path])
    assert [pair.key for pair in stream] == ["good", "last"]
    assert stream.refusals == len(stream.refused) == 10
    reasons = {member: why for _, member, why in stream.refused}
    assert reasons["no-json"] == "its metadata are no JSON"
    assert "regular" in reasons["link"]
    assert stream.met == {"CC0": 2}


def test_a_shard_that_is_cut_ends_there(tmp_path: Path, shards: list[Path]) -> None:
    data = shards[0].read_bytes()
    shards[0].write_bytes(data[: 512 * 12 + 100])
    stream = CaptionStream(shards, uses=("attribution", "non-commercial", "unknown"))
    keys = [pair.key for pair in stream]
    # the second sample was not followed by another one: nobody knows whether it is whole
    assert [key for key in keys if key.startswith("fig-0")] == ["fig-0-00"]
    assert len(keys) == 41
    assert "damaged" in stream.refused[0][2]


def test_memory_is_that_of_one_sample(tmp_path: Path) -> None:
    big = b"\xff\xd8\xff" + bytes(1 << 20)
    members = [
        m for k in range(40) for m in ((f"f{k:02}.jpg", big), (f"f{k:02}.txt", b"text"))
    ]  # fmt: skip
    path = shard(tmp_path / "big.tar", members)
    tracemalloc.start()
    try:
        assert sum(1 for _ in CaptionStream([path], uses=("unknown",))) == 40
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()

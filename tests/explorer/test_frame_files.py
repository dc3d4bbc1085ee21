from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import SourceChangedError
from explorer.frame_files import FrameFiles, Index
from explorer.image import Image
from explorer.ingest import ingest
from explorer.lazy import read_stored
from explorer.store import Store

SHAPE = (2, 3, 5, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[FrameFiles, Any]]:
    """Three files of two frames each, in both byte orders (synthetic)."""
    folder = tmp_path_factory.mktemp("frames")
    values = np.random.default_rng(0).integers(-2000, 2000, SHAPE)
    found = {}
    for name in ("<i2", ">i2", "<u4", ">f4", "|u1"):
        stored = values.astype(name)
        flat = stored.reshape(6, 5, 4)
        order = np.array([3, 0, 5, 1, 4, 2])
        files, frames = [], np.zeros((6, 2), np.int64)
        for number in range(3):
            path = folder / f"{number}{name[1:]}{name[0] == '>'}"
            data = b"head"
            for frame in order[2 * number : 2 * number + 2]:
                frames[frame] = number, len(data)
                data += flat[frame].tobytes() + b"between"
            path.write_bytes(data)
            about = path.stat()
            files.append((str(path), about.st_size, about.st_mtime_ns))
        found[name] = (
            FrameFiles(SHAPE, np.dtype(name), files, frames.reshape(2, 3, 2)),
            stored.astype(np.dtype(name).newbyteorder("=")),
        )
    return found


def _one(n: int) -> Any:
    return (
        st.integers(-n, n - 1)
        | st.slices(n)
        | st.lists(st.integers(0, n - 1), max_size=4).map(lambda v: np.array(v, int))
    )


@settings(max_examples=200)
@given(index=st.tuples(*(_one(n) for n in SHAPE)), name=st.sampled_from(["<i2", ">i2", "|u1"]))
def test_any_part_is_the_part_of_the_whole(made: Any, index: Any, name: str) -> None:
    files, values = made[name]
    expected = values
    for axis in reversed(range(4)):
        expected = expected[(slice(None),) * axis + (index[axis],)]
    got = files.read(index)
    assert got.dtype == values.dtype
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", ["<i2", ">i2", "<u4", ">f4", "|u1"])
def test_whole_volumes_of_every_type(made: Any, name: str) -> None:
    files, values = made[name]
    np.testing.assert_array_equal(files.read((slice(None),) * 4), values)


def test_nothing_is_read_from_a_file_that_is_not_as_it_was(made: Any, tmp_path: Path) -> None:
    files, values = made["<i2"]
    copies = []
    for number, (path, size, mtime_ns) in enumerate(files.files):
        copy = tmp_path / str(number)
        copy.write_bytes(Path(path).read_bytes())
        os.utime(copy, ns=(mtime_ns, mtime_ns))
        copies.append((str(copy), size, mtime_ns))
    here = FrameFiles(SHAPE, files.dtype, copies, files.frames)
    whole = (slice(None),) * 4
    np.testing.assert_array_equal(here.read(whole), values)
    os.utime(tmp_path / "1", ns=(0, 1))
    assert here.read(whole) is None
    (tmp_path / "1").unlink()
    assert here.read(whole) is None
    lost = {tuple(at) for at in np.argwhere(files.frames[..., 0] == 1)}
    for t, z in np.ndindex(2, 3):
        assert (here.read((t, z, slice(None), slice(None))) is None) == ((t, z) in lost)


def test_a_frame_that_ends_after_its_file_is_not_made_up(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(bytes(30))
    about = path.stat()
    files = [(str(path), about.st_size, about.st_mtime_ns)]
    frames = FrameFiles((4, 4), np.dtype("<i2"), files, np.array([0, 0]))
    assert frames.read((slice(None), slice(None))) is None
    assert frames.read((0, slice(None))) is not None


@pytest.fixture
def referenced(tmp_path: Path) -> Image:
    """The PET of a bundled real patient."""
    data = Path(__file__).resolve().parents[2] / "notebooks" / "data"
    with zipfile.ZipFile(data / "STS_002.zip") as archive:
        archive.extractall(tmp_path / "source")
    store = Store.create(tmp_path / "store")
    ingest(tmp_path / "source", store)
    found = [i for i in store["STS_002"].images.values() if i.modality == "PT"]
    return found[0]


def test_real_slices_are_read_as_the_store_reads_them(referenced: Image) -> None:
    assert referenced.storage == "referenced"
    files = referenced.frame_files
    assert files is not None
    parts: list[tuple[Index, ...]] = [
        (slice(None), slice(None), slice(None)),
        (7, slice(None), slice(None)),
        (slice(None), 20, slice(None)),
        (slice(None), slice(None), 20),
        (slice(3, 30, 2), slice(10, 40), np.array([1, 5, 2])),
    ]
    for index in parts:
        theirs = read_stored(referenced.stored, index, "test")
        mine = files.read(index)
        assert mine is not None
        np.testing.assert_array_equal(mine, theirs)


def test_a_changed_source_is_an_error_and_not_other_pixels(referenced: Image) -> None:
    victim = Path(referenced.sources()[5]["uri"])
    data = bytearray(victim.read_bytes())
    data[-100:] = bytes(100)
    victim.write_bytes(data)
    os.utime(victim, (victim.stat().st_atime, victim.stat().st_mtime + 100))
    with pytest.raises(SourceChangedError):
        referenced.read((5, slice(None), slice(None)))
    with pytest.raises(SourceChangedError):
        _ = referenced.data.values
    assert referenced.read((6, slice(None), slice(None))).any()


def test_no_file_outside_of_the_known_roots_is_opened(
    referenced: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = referenced.patient.store
    monkeypatch.setattr(store, "roots", lambda: ["/nowhere"])
    again = Image(referenced.patient, referenced._row)
    assert again.frame_files is None


def test_images_without_the_places_of_frames_are_read_the_ordinary_way(
    referenced: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = referenced.data.values
    again = Image(referenced.patient, referenced._row)
    monkeypatch.setattr(again, "frame_files", None)
    np.testing.assert_array_equal(again.data.values, values)

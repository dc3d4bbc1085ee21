"""Patches into torch: from training chunks, MONAI, TorchIO's queue, and a raw memory map.

Volumes of 300 x 512 x 512 (**synthetic**: a real CT, interpolated along z, with noise), patches
of 96^3, batches of 4, two workers, float32. Memory over 2,000 batches.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from data import pydicom_volume, unpack_real
from explorer.draft import ImageDraft
from explorer.store import Store, open_store
from graphs import dataset
from graphs.stream.batch_loader import Loader
from graphs.stream.loader import loader
from table import Row, faster, table

EDGE, BATCH, WORKERS = 96, 4, 2
SHAPE = (300, 512, 512)


@dataclass(frozen=True)
class Files:
    """The same volumes in three forms."""

    store: Store
    raw: list[Path]
    nifti_gz: list[Path]


def make(data: Path, place: Path, count: int) -> Files:
    """Make volumes of the real CT, each with its own noise."""
    unpack_real(data, place / "real")
    real = pydicom_volume(place / "real").astype(np.float32)
    store = open_store(place / "patients.onco", create=True)
    files = Files(store, [], [])
    affine = np.diag([0.7, 0.7, 1.0, 1.0])
    at = np.linspace(0, len(real) - 1.001, SHAPE[0])
    for number in range(count):
        noise = np.random.default_rng(number).normal(0, 10, SHAPE).astype(np.float32)
        below = at.astype(int)
        part = (at - below).astype(np.float32)[:, None, None]
        noise += real[below] * (1 - part) + real[below + 1] * part
        values = np.rint(noise).clip(-1024, 3071).astype(np.int16)
        with store.transaction("synthetic") as t:
            t.put(t.patient(f"S{number}", synthetic=True), _draft(values, affine), copy=True)
        files.raw.append(place / f"{number}.npy")
        np.save(files.raw[-1], values)
        files.nifti_gz.append(place / f"{number}.nii.gz")
        flipped = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
        nib.save(nib.Nifti1Image(values.transpose(2, 1, 0), flipped), files.nifti_gz[-1])  # type: ignore[no-untyped-call]
    return files


def _draft(values: NDArray[Any], affine: NDArray[Any]) -> ImageDraft:
    return ImageDraft(
        item="ct-00000001", modality="CT", name="synthetic", dims=("z", "y", "x"),
        shape=values.shape, dtype=values.dtype, affine=affine, load=lambda: values, sources=[],
        units="HU", synthetic=True,
    )  # fmt: skip


class MemmapCrops(Dataset[Any]):
    """Crops of raw files: the least that a loader can do."""

    def __init__(self, paths: list[Path], count: int) -> None:
        self.paths, self.count = paths, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> torch.Tensor:
        if index >= self.count:
            raise IndexError(index)
        volume = np.load(self.paths[index % len(self.paths)], mmap_mode="r")
        rng = np.random.default_rng(index)
        z, y, x = (int(rng.integers(0, n - EDGE + 1)) for n in volume.shape)
        part = volume[z : z + EDGE, y : y + EDGE, x : x + EDGE]
        return torch.from_numpy(part.astype(np.float32))[None]


class RawShard:
    """A raw file in the place of our chunks, so that all else of the loader is the same."""

    fill = 0

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_into(self, out: NDArray[Any], box: Any) -> None:
        """Copy a box out of the file."""
        out[...] = np.load(self.path, mmap_mode="r")[tuple(slice(a, b) for a, b in box)]


class RawVolume:
    """A training volume whose image is a raw file."""

    def __init__(self, volume: Any, path: Path) -> None:
        self._volume, self._path = volume, path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._volume, name)

    def image(self, modality: str) -> RawShard:
        """The file."""
        return RawShard(self._path)


def rate(batches: Iterator[Any], warm: int, count: int) -> float:
    """Milliseconds a patch, of `count` batches after `warm` that do not count."""
    for _ in range(warm):
        next(batches)
    gc.collect()
    began = time.perf_counter()
    for _ in range(count):
        batch = next(batches)
        found = batch["CT"] if isinstance(batch, dict) and "CT" in batch else batch
        found = found["image"] if isinstance(found, dict) else found
        shape = tuple(getattr(found, "data", found).shape)
        if shape != (BATCH, 1, EDGE, EDGE, EDGE):
            raise ValueError(f"a batch of {shape}")
    return (time.perf_counter() - began) * 1000 / (count * BATCH)


def ours(files: Files, per_volume: int, raw: bool = False, **options: Any) -> Loader:
    """Our loader, on chunks or on raw files."""
    stream: Any = dataset(
        files.store.cohort(), patch=(EDGE,) * 3, per_volume=per_volume, batch=BATCH
    )
    if raw:
        by_label = {files.store[f"S{k}"].key: path for k, path in enumerate(files.raw)}
        stream.patches.volumes = [
            RawVolume(one, by_label[one.patient]) for one in stream.patches.volumes
        ]
    return loader(stream, BATCH, **options)


def memmap(files: Files, count: int) -> Iterator[Any]:
    """Raw files in torch's own loader."""
    made = MemmapCrops(files.raw, count)
    return iter(
        DataLoader(made, BATCH, num_workers=WORKERS, multiprocessing_context="spawn",
                   persistent_workers=True)
    )  # fmt: skip


def monai_crops(files: Files, count: int) -> Iterator[Any]:
    """MONAI without a cache, on nii.gz."""
    from monai.data import DataLoader as MonaiLoader
    from monai.data import Dataset as MonaiDataset
    from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged, RandSpatialCropd

    steps = [
        LoadImaged("image"), EnsureChannelFirstd("image"),
        RandSpatialCropd("image", (EDGE,) * 3, random_size=False),
    ]  # fmt: skip
    paths = [str(files.nifti_gz[k % len(files.nifti_gz)]) for k in range(count)]
    made = MonaiDataset([{"image": path} for path in paths], Compose(steps))
    return iter(
        MonaiLoader(made, batch_size=BATCH, num_workers=WORKERS, multiprocessing_context="spawn")
    )


def torchio_queue(files: Files, count: int) -> Iterator[Any]:
    """TorchIO's queue, four patches of each volume, on nii.gz."""
    import torchio

    subjects = [
        torchio.Subject(image=torchio.ScalarImage(files.nifti_gz[k % len(files.nifti_gz)]))
        for k in range(-(-count // 4))
    ]
    queue = torchio.Queue(
        torchio.SubjectsDataset(subjects), max_length=8, samples_per_volume=4,
        sampler=torchio.UniformSampler(EDGE), num_workers=WORKERS,
    )  # fmt: skip
    for batch in torchio.SubjectsLoader(queue, batch_size=BATCH, num_workers=0):
        yield {
            "image": batch["image"]["data"]
            if isinstance(batch["image"], dict)
            else batch["image"].data
        }


def growth(files: Files, batches: int = 2000) -> tuple[float, float]:
    """Resident MB after half of the batches, and after all of them."""
    made = ours(files, -(-batches * BATCH // len(files.raw)))
    process, half = psutil.Process(), 0.0
    for number, _ in enumerate(made, start=1):
        if number == batches // 2:
            gc.collect()
            half = process.memory_info().rss / 1e6
        if number == batches:
            break
    gc.collect()
    return half, process.memory_info().rss / 1e6


def measure(files: Files, slow: int, fast: int) -> list[Row]:
    """All of it, one after the other."""
    each = -(-(fast + 12) * BATCH // len(files.raw))
    ran: dict[str, Callable[[], float]] = {
        "chunks, threads": lambda: rate(iter(ours(files, each)), 8, fast),
        "raw, threads": lambda: rate(iter(ours(files, each, raw=True)), 8, fast),
        "chunks, processes": lambda: rate(iter(ours(files, each, workers=WORKERS)), 8, fast),
        "raw, processes": lambda: rate(iter(ours(files, each, raw=True, workers=WORKERS)), 8, fast),
        "torch": lambda: rate(memmap(files, (fast + 12) * BATCH), 8, fast),
        "torchio": lambda: rate(torchio_queue(files, (2 * slow + 4) * BATCH), 2, 2 * slow),
        "monai": lambda: rate(monai_crops(files, (slow + 6) * BATCH), 2, slow),
    }
    took: dict[str, float] = {}
    for name, call in ran.items():
        load = psutil.getloadavg()[0]
        took[name] = call()
        sys.stderr.write(f"{name}: {took[name]:.2f} ms a patch (load {load:.1f})\n")
        gc.collect()
    what, shape = "96^3 patch, batch 4, 2 ", "synthetic, 300x512x512"
    mine, by_process = took["chunks, threads"], took["chunks, processes"]
    return [
        faster(f"{what}threads", shape, mine, "MONAI, nii.gz, no cache", took["monai"], 60),
        faster(f"{what}threads", shape, mine, "TorchIO Queue, nii.gz", took["torchio"], 8),
        faster(f"{what}threads", shape, mine, "raw memmap, same loader", took["raw, threads"], 0.4),
        faster(f"{what}processes", shape, by_process, "raw memmap, same loader",
               took["raw, processes"], 0.4),
        faster(f"{what}processes", shape, by_process, "raw memmap, torch's DataLoader",
               took["torch"], 0.4),
        faster(f"{what}processes", shape, by_process, "MONAI, nii.gz, no cache", took["monai"]),
    ]  # fmt: skip


def main() -> int:
    """Parse the command line, measure, print. 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--volumes", type=int, default=4)
    parser.add_argument("--slow", type=int, default=6, help="batches of the slow peers")
    parser.add_argument("--fast", type=int, default=100, help="batches of the others")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batches", type=int, default=2000, help="of the memory test")
    asked = parser.parse_args()
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        files = make(asked.data, Path(folder), asked.volumes)
        began = time.perf_counter()
        made = files.store.cohort().materialize()
        took = time.perf_counter() - began
        sys.stdout.write(f"{made!r}, {made.bytes / 1e6:.0f} MB, {took:.1f} s\n")
        for _ in range(asked.rounds):
            rows += measure(files, asked.slow, asked.fast)
        if asked.batches:
            half, end = growth(files, asked.batches)
            grown = (end / half - 1) * 100
            rows.append(
                Row(
                    f"memory, batch {asked.batches // 2} to {asked.batches}", "synthetic", end,
                    "half way", half, "MB", half / end, "< 5 %", grown < 5,
                )
            )  # fmt: skip
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    sys.stdout.write(f"{psutil.cpu_count()} cores, load {load}\n{table(rows)}\n")
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Hand an image to itkwidgets, which needs an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numcodecs
import numpy as np
import zarr
from numpy.typing import NDArray

from explorer.errors import ConflictError, GeometryError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import same_grid
from widgets.coarse import coarse
from widgets.itk_notebook import itk_notebook

_CHUNK = 64
_LEAST = 64  # voxels along the longest axis of the coarsest level
_AXES = [{"name": name, "type": "space", "unit": "millimeter"} for name in "zyx"]


def to_itk(
    image: Image,
    folder: str | Path,
    segmentations: Segmentation | Sequence[Segmentation] = (),
    *,
    time: int = 0,
    overwrite: bool = False,
) -> Path:
    """Write an image as OME-Zarr 0.4 (Zarr v2), and a notebook that opens it in itkwidgets.

    itkwidgets cannot be installed beside zarr 3 and ipywidgets 8: make an environment for it with
    ``pip install -r requirements-itk.txt`` and open the notebook there.

    OME-Zarr 0.4 knows scales and a translation, and no directions: the axes are those of the
    array, in mm along them. The affine to mm LPS, the units and the address stand in the group's
    attributes under ``oncograph``.

    Parameters
    ----------
    image : Image
        ``(z, y, x)`` or ``(t, z, y, x)``.
    folder : str or Path
        Made; nothing of a half-written one stays.
    segmentations : Segmentation or sequence of Segmentation, optional
        On the image's own grid; as one label image, where later segments cover earlier ones.
    time : int
        Time point of a ``(t, z, y, x)`` image.
    overwrite : bool
        Replace a folder that this wrote before.

    Returns
    -------
    Path
        The notebook.

    Raises
    ------
    ConflictError
        The folder is there already.
    GeometryError
        The image is no volume, or a segmentation lies on another grid.
    """
    target = Path(folder)
    if target.exists() and not (overwrite and (target / "image.ome.zarr").is_dir()):
        raise ConflictError(
            f"{target} is there already", do="name another folder, or say overwrite=True"
        )
    segs = [segmentations] if isinstance(segmentations, Segmentation) else list(segmentations)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))  # mkdtemp makes it 0700
    try:
        about = _about(image)
        levels = _levels(image, time)
        _write(work / "image.ome.zarr", levels, about)
        names = _write_labels(work / "labels.ome.zarr", image, levels[0][1], segs, about)
        notebook = work / "open_in_itkwidgets.ipynb"
        notebook.write_text(json.dumps(itk_notebook(names), indent=1), "utf-8")
        for path in work.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        if target.exists():
            shutil.rmtree(target)
        os.replace(work, target)  # noqa: PTH105 - Path.replace says the same, os says atomic
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return target / "open_in_itkwidgets.ipynb"


def _about(image: Image) -> dict[str, Any]:
    return {
        "address": str(image.address),
        "affine_lps": np.asarray(image.affine, float).tolist(),
        "units": image.units,
        "modality": image.modality,
        "even_slices": image.slice_origins is None,
        "synthetic": bool(image.synthetic),
    }


_Level = tuple[NDArray[Any], NDArray[np.float64]]


def _levels(image: Image, time: int) -> list[_Level]:
    """The volume, then ever coarser ones, each of block means, with their affines."""
    whole = coarse(image, int(np.prod(image.shape[-3:])), time=time)
    levels = [(whole.values, whole.affine)]
    while max(levels[-1][0].shape) > _LEAST:
        less = coarse(image, max(1, levels[-1][0].size // 8), time=time)
        levels.append((less.values, less.affine))
    return levels


def _write(path: Path, levels: list[_Level], about: dict[str, Any]) -> None:
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    datasets: list[Any] = []
    first = np.asarray(levels[0][1], float)
    for k, (values, affine) in enumerate(levels):
        # what reads this knows neither Zarr v3 nor zstd, and asks for chunks that are not there
        group.create_array(
            str(k), data=values, chunks=tuple(min(_CHUNK, n) for n in values.shape),
            compressors=numcodecs.Blosc("lz4"), config={"write_empty_chunks": True},
            chunk_key_encoding={"name": "v2", "separator": "/"},
        )  # fmt: skip
        scale = np.linalg.norm(affine[:3, :3], axis=0)[::-1]
        unit = first[:3, :3] / np.linalg.norm(first[:3, :3], axis=0)
        shift = np.linalg.solve(unit, affine[:3, 3])[::-1]
        datasets.append({
            "path": str(k),
            "coordinateTransformations": [
                {"type": "scale", "scale": [float(v) for v in scale]},
                {"type": "translation", "translation": [float(v) for v in shift]},
            ],
        })  # fmt: skip
    scales: Any = {"version": "0.4", "name": "image", "axes": _AXES, "datasets": datasets}
    group.attrs["multiscales"] = [scales]
    group.attrs["oncograph"] = about
    zarr.consolidate_metadata(str(path))


def _write_labels(
    path: Path,
    image: Image,
    affine: NDArray[np.float64],
    segs: Sequence[Segmentation],
    about: dict[str, Any],
) -> list[str]:
    """One label image; the names of its labels from 1 on."""
    names: list[str] = []
    shape = image.shape[-3:]
    values = np.zeros(shape, np.uint16)
    for seg in segs:
        if not same_grid(seg.affine, image.affine, seg.shape[-3:], shape):
            raise GeometryError(
                f"The segmentation {seg.id} lies on another grid", expected="the image's own",
                where=seg.where,
            )  # fmt: skip
        for label in seg.labels:
            names.append(label)
            values[np.asarray(seg.own_mask(label))] = len(names)
    if names:
        _write(path, [(values, affine)], about | {"labels": names})
    return names

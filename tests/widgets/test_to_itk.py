"""An image for itkwidgets: what is written, opened in itkwidgets' own environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import zarr

from explorer.errors import ConflictError, GeometryError
from explorer.patient import Patient
from widgets.to_itk import to_itk

REPOSITORY = Path(__file__).resolve().parents[2]


def test_levels_and_places(made: Callable[..., Patient], image_draft: Any, tmp_path: Path) -> None:
    affine = np.diag([-0.5, 0.5, 2.0, 1.0])  # x runs to the right
    affine[:3, 3] = [10, -20, 30]
    values = np.random.default_rng(0).integers(-1000, 1000, (20, 80, 100)).astype(np.int16)
    image = made(image_draft("ct-1", values, affine)).images["ct-1"]
    notebook = to_itk(image, tmp_path / "out")
    group = zarr.open_group(str(notebook.parent / "image.ome.zarr"), mode="r")
    assert group.metadata.zarr_format == 2
    np.testing.assert_array_equal(np.asarray(group["0"]), values)
    first, second = group.attrs["multiscales"][0]["datasets"]
    scale, shift = (one[kind] for one, kind in zip(
        first["coordinateTransformations"], ("scale", "translation"), strict=True))  # fmt: skip
    assert scale == [2.0, 0.5, 0.5]
    assert shift == [30.0, -20.0, -10.0], "mm along the array's own axes"
    half = second["coordinateTransformations"]
    factor = np.array(half[0]["scale"]) / scale
    np.testing.assert_allclose(half[1]["translation"], shift + (factor - 1) / 2 * scale)
    assert group.attrs["oncograph"]["affine_lps"] == affine.tolist()
    assert group.attrs["oncograph"]["synthetic"] is True
    modes = {oct(path.stat().st_mode & 0o777) for path in notebook.parent.rglob("*")}
    assert modes == {"0o700", "0o600"}


def test_nothing_is_overwritten(sarcoma: Patient, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for overwrite in (False, True):  # True is for what this wrote, not for another's folder
        with pytest.raises(ConflictError, match="already"):
            to_itk(sarcoma.images["CT"], tmp_path / "mine", overwrite=overwrite)
    wrong = [s for s in sarcoma.segmentations.values() if s.image != sarcoma.images["CT"].id]
    with pytest.raises(GeometryError, match="another grid"):
        to_itk(sarcoma.images["CT"], tmp_path / "out", wrong[0])
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.slow
def test_itkwidgets_opens_it(demo: Any, tmp_path: Path) -> None:
    venv = tmp_path / "itk"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True, timeout=600)
    asked = subprocess.run(
        [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "-r", REPOSITORY / "requirements-itk.txt"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if asked.returncode:
        pytest.skip(f"itkwidgets could not be installed: {asked.stderr.strip()[-300:]}")
    patient = demo["LIDC-IDRI-0314"]
    seg = next(iter(patient.segmentations.values()))
    notebook = to_itk(patient.images[seg.image], tmp_path / "out", seg)
    ran = subprocess.run(
        [venv / "bin" / "python", "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute",
         "--inplace", notebook.name],
        cwd=notebook.parent, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = [str(cell.outputs) for cell in nbformat.read(notebook, 4).cells if "outputs" in cell]
    assert "CT HU (33, 512, 512) int16" in said[0]
    assert "Nodule, reader 1" in said[1]
    assert "itkwidgets.viewer.Viewer" in said[2]

"""The notebook that opens an OME-Zarr in itkwidgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_INTRO = """# In itkwidgets

Written by oncograph. It needs an environment of its own, since itkwidgets needs zarr 2 where
oncograph needs zarr 3:

    python -m venv itk
    itk/bin/pip install -r requirements-itk.txt
    itk/bin/jupyter lab open_in_itkwidgets.ipynb

itkwidgets fetches its viewer from the network when the last cell is shown. Where nothing may
leave the machine, `widgets.serve_itk` shows the same folder in itk-vtk-viewer from this machine.
"""

_LOAD = """import zarr

image = zarr.open_group("image.ome.zarr", mode="r")
about = image.attrs["oncograph"]
level = image["0"]
print(about["modality"], about["units"], level.shape, level.dtype)
for one in image.attrs["multiscales"][0]["datasets"]:
    print(one["path"], one["coordinateTransformations"][0]["scale"], "mm (z, y, x)")"""

_LABELS = """labels = zarr.open_group("labels.ome.zarr", mode="r")
dict(enumerate(labels.attrs["oncograph"]["labels"], start=1))"""

_VIEW = """from itkwidgets import view

view(image{labels})"""


def itk_notebook(labels: Sequence[str]) -> dict[str, Any]:
    """A notebook in nbformat 4.5, as JSON-able.

    Parameters
    ----------
    labels : sequence of str
        Names of the segments in ``labels.ome.zarr``; empty where there is none. They are read
        from the file, and never stand in the code.

    Returns
    -------
    dict
    """
    cells = [_cell("intro", "markdown", _INTRO), _cell("load", "code", _LOAD)]
    if labels:
        cells.append(_cell("labels", "code", _LABELS))
    shown = ", label_image=labels" if labels else ""
    cells.append(_cell("view", "code", _VIEW.format(labels=shown)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, kind: str, source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"id": name, "cell_type": kind, "metadata": {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})

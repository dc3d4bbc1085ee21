"""The demo: the bundled real patients in a store, and the notebook that opens it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.place import Place

if TYPE_CHECKING:
    from explorer.store import Store

_PROJECT = Path(__file__).parent.parent
_SETTINGS = Path(__file__).parent / "lab_settings"  # no news, no updates, no question about them
_NOTEBOOK = _PROJECT / "notebooks" / "01_explore_a_patient.ipynb"


def demo_store() -> Path | str:
    """The store that `oncograph demo` makes and the notebooks open.

    Returns
    -------
    pathlib.Path or str
        ``$ONCOGRAPH_STORE`` (text where it is ``s3://bucket/prefix``), else
        ``demo/patients.onco`` in the project's folder.
    """
    named = os.environ.get("ONCOGRAPH_STORE")
    if named and not Place.of(named).local:
        return named
    return Path(named) if named else _PROJECT / "demo" / "patients.onco"


def make_demo(place: Place | str | Path | None = None) -> Store:
    """Unpack the bundled patients beside a store, and take them in; again, nothing changes.

    Parameters
    ----------
    place : path or ``s3://bucket/prefix``, optional
        Of the store; `demo_store` by default.

    Returns
    -------
    Store
    """
    from explorer.ingest import ingest
    from explorer.sample import unpack_samples
    from explorer.sample_lidc import CONTOURS
    from explorer.store import open_store

    where = Place.of(place or demo_store())
    around = where.path.parent if where.local else _PROJECT / "demo"
    around.mkdir(parents=True, exist_ok=True)
    folder = around / "files"
    unpack_samples(folder)
    store = open_store(where, create=True)
    result = ingest(folder, store)
    for row in result.refused:
        if Path(row["path"]).name != CONTOURS:  # taken in below
            sys.stderr.write(f"{row['path']}: {row['reason']}\n")
    _add_readers(store, folder)
    return store


def _add_readers(store: Store, folder: Path) -> None:
    """What LIDC-IDRI-0314's four readers drew, which names no patient, and what they meant."""
    from explorer.sample import lidc_ratings, lidc_segmentation

    patient = store["LIDC-IDRI-0314"]
    grid = patient.images["CT"].grid
    if grid is None:
        return
    draft = lidc_segmentation(folder, grid)
    with store.transaction("four readers of LIDC-IDRI-0314") as t:
        if draft.item not in patient.segmentations:
            t.put(patient.key, draft)
        t.add_facts(patient.key, lidc_ratings(folder))


def open_notebook(store: Store) -> int:
    """Open the first notebook on a store in JupyterLab; runs until it is stopped.

    JupyterLab prints its address, token included, for machines where no browser opens.

    Parameters
    ----------
    store : Store

    Returns
    -------
    int
        JupyterLab's exit status.
    """
    command = [
        sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1",
        f"--ServerApp.root_dir={_NOTEBOOK.parent}",
        # so that the address it prints is the notebook's
        f"--LabApp.default_url=/lab/tree/{_NOTEBOOK.name}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--LabApp.app_settings_dir={_SETTINGS}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in containers there is often no other user
    return subprocess.call(command, env={**os.environ, "ONCOGRAPH_STORE": store.url})

"""Made-up patients for the widgets' tests, and the browser."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import explorer
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft, Source
from explorer.patient import Patient
from explorer.store import Store


def _beside(name: str) -> Any:
    """A module of this folder; tests are no package."""
    spec = importlib.util.spec_from_file_location(
        f"oncograph_tests_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    if spec.name in sys.modules:  # another folder's conftest was here first; one stash for both
        return sys.modules[spec.name]
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


lab_session = _beside("lab_session")
demo = lab_session.demo
lab = lab_session.lab
course = _beside("course").course
_told = _beside("told")
told = _told.told
by_hand = _told.by_hand


def _source(item: str) -> Source:
    return Source(Path(item), f"made-up {item}", item, False, 0, 0, "0" * 64)


def _image_draft(item: str, values: NDArray[Any], affine: Any, **more: Any) -> ImageDraft:
    """A made-up image; it says so."""
    dims = {2: ("y", "x"), 3: ("z", "y", "x"), 4: ("t", "z", "y", "x")}[values.ndim]
    return ImageDraft(
        **{
            "item": item,
            "modality": "CT",
            "name": f"made-up {item}",
            "dims": dims,
            "shape": values.shape,
            "dtype": values.dtype,
            "affine": np.asarray(affine, float),
            "load": lambda: values,
            "sources": [_source(item)],
            "units": "HU",
            "frame_of_reference": "1.2.3",
            "synthetic": True,
            **more,
        }
    )


def _seg_draft(
    item: str, masks: dict[str, NDArray[Any]], affine: Any, image: str | None, **more: Any
) -> SegmentationDraft:
    """Made-up masks; they say so."""
    stack = list(masks.values())
    z, y, x = stack[0].shape
    return SegmentationDraft(
        **{
            "item": item,
            "modality": "SEG",
            "name": f"made-up {item}",
            "segments": [SegmentDraft(k + 1, name) for k, name in enumerate(masks)],
            "shape": (z, y, x),
            "affine": np.asarray(affine, float),
            "load": lambda k: stack[k],
            "sources": [_source(item)],
            "image": image,
            "frame_of_reference": "1.2.3",
            "synthetic": True,
            **more,
        }
    )


@pytest.fixture(scope="session")
def flags() -> list[str]:
    """What Chromium is started with: software WebGL2, and no calls home."""
    return list(lab_session.FLAGS)


@pytest.fixture(scope="session")
def patience() -> str:
    """A script of pages: what gives up after two seconds gives up later."""
    return str(lab_session.PATIENT)


@pytest.fixture(scope="session")
def image_draft() -> Callable[..., ImageDraft]:
    """Makes a draft: ``image_draft(item, values, affine, **fields)``."""
    return _image_draft


@pytest.fixture(scope="session")
def seg_draft() -> Callable[..., SegmentationDraft]:
    """Makes a draft: ``seg_draft(item, masks by name, affine, image, **fields)``."""
    return _seg_draft


@pytest.fixture(scope="session")
def make() -> Callable[..., Patient]:
    """Puts drafts into ``folder/made.onco`` and opens the patient."""

    def put(*drafts: Any, folder: Path) -> Patient:
        store = explorer.open(folder / "made.onco", create=True)
        with store.transaction("made for a test") as t:
            key = t.patient("made-up", synthetic=True)
            for draft in drafts:
                t.put(key, draft)
        return store["made-up"]

    return put


@pytest.fixture
def made(make: Callable[..., Patient], tmp_path: Path) -> Callable[..., Patient]:
    """Puts drafts into a store of their own and opens the patient."""
    return lambda *drafts: make(*drafts, folder=tmp_path)


@pytest.fixture(scope="session")
def sarcoma(demo: Store) -> Patient:
    """STS_002 of the public Soft-tissue-Sarcoma collection: CT, PET, MR, a contour on each."""
    return demo["STS_002"]

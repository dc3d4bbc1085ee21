from __future__ import annotations

import importlib.metadata

import pytest

from explorer import registry
from explorer.errors import NotInstalledError
from explorer.readers.reader import Reader


def test_every_reader_is_there_under_its_name() -> None:
    names = [reader.name for reader in registry.readers()]
    assert len(names) == len(set(names))
    assert set(names) >= {"dicom", "dicom_seg", "rtstruct", "nifti", "nrrd"}
    assert all(isinstance(reader, Reader) for reader in registry.readers())


def test_a_view_that_nobody_offers() -> None:
    with pytest.raises(NotInstalledError, match=r"No view 'crystal ball'.*pip install"):
        registry.find_view("crystal ball")


def test_a_view_whose_parts_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("patient", "no_such_room.view:view", "oncograph.views")
    monkeypatch.setattr(registry, "entry_points", lambda **which: [point])
    with pytest.raises(NotInstalledError, match=r"no_such_room.*pip install"):
        registry.find_view("patient")

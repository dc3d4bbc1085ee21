from __future__ import annotations

import pytest

from explorer.errors import StoreError
from explorer.store import Store, open_store
from widgets.page.front import Front
from widgets.workbench import Workbench


def test_a_patient_is_opened_and_left(demo: Store) -> None:
    front = Front(open_store(demo.path))
    key = demo["STS_002"].key
    front.bar.patient = key
    assert isinstance(front.view, Workbench)
    assert front.bar.label == "STS_002"
    front.bar.patient = ""
    assert front.view is None
    assert front._place.children == (front.patients,)


def test_a_patient_who_is_not_there_is_said(demo: Store) -> None:
    front = Front(open_store(demo.path), patient="nobody")
    assert front.bar.patient == ""
    assert "nobody" in front.bar.note
    front.bar.patient = demo["STS_002"].key
    assert front.bar.note == ""


@pytest.mark.parametrize("edit", [True, False])
def test_only_edit_lets_it_write(demo: Store, edit: bool) -> None:
    store = open_store(demo.path)
    Front(store, edit=edit)
    if edit:
        store.transaction("nothing")
    else:
        with pytest.raises(StoreError, match="reading alone"):
            store.transaction("nothing")

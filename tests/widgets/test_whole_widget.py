from __future__ import annotations

import inspect
from typing import Any

import pytest
import traitlets as t
from ipywidgets.widgets import widget

from explorer.store import Store
from widgets.cohort_view import CohortView
from widgets.whole_widget import WholeWidget


class _Half(WholeWidget):
    _esm = "export default { render() {} };"
    value = t.Int(0).tag(sync=True)

    def __init__(self, fail: bool = False) -> None:
        super().__init__()
        self.early = self.comm
        self.value = 7
        if fail:
            raise ValueError("not made")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The states that comms are opened with."""
    states: list[dict[str, Any]] = []
    create = widget.comm.create_comm

    def watched(*args: Any, **kwargs: Any) -> Any:
        states.append(kwargs["data"]["state"])
        return create(*args, **kwargs)

    monkeypatch.setattr(widget.comm, "create_comm", watched)
    return states


def test_a_comm_is_opened_with_what_the_constructor_made(opened: list[dict[str, Any]]) -> None:
    half = _Half()
    assert half.early is None
    assert half.comm is not None
    assert half._own_id == half.model_id
    assert [state["value"] for state in opened if "value" in state] == [7]
    half.close()


def test_what_could_not_be_made_is_not_opened(opened: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="not made"):
        _Half(fail=True)
    assert not any("value" in state for state in opened)


def test_the_browser_gets_no_cohort_without_patients(
    demo: Store, opened: list[dict[str, Any]]
) -> None:
    view = CohortView(demo)
    (state,) = (one for one in opened if "_flow" in one)
    assert state["_flow"]["all"] == len(view.choice.facets.keys_of)
    assert state["_rows"]["rows"]
    assert {"outcomes", "out"} <= set(state["_survival"])
    view.close()


def test_help_shows_what_a_view_is_made_of() -> None:
    assert list(inspect.signature(_Half).parameters) == ["fail"]
    assert next(iter(inspect.signature(CohortView).parameters)) == "store"

"""Front: the list of patients, and the one that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as w

from explorer.errors import OncographError
from explorer.store import Store
from widgets.cohort_view import CohortView
from widgets.explore import explore
from widgets.page.page_bar import PageBar


class Front(w.VBox):  # type: ignore[misc]
    """What the page shows.

    Parameters
    ----------
    store : Store
    patient : str
        Key of the patient to begin with; empty begins with the list.
    edit : bool
        Whether views may write to the store.
    folder : path
        Where lists of patients are saved.

    Attributes
    ----------
    bar : PageBar
        Setting its `patient` opens one.
    patients : CohortView
    view : Workbench or None
        Of the open patient.
    """

    def __init__(
        self, store: Store, *, patient: str = "", edit: bool = False, folder: str | Path = "."
    ) -> None:
        store.read_only = not edit
        self.store = store
        self.bar = PageBar(store=store.place.name, edit=edit)
        self.patients = CohortView(store, on_open=self._picked, folder=folder)
        self.view: Any = None
        self._place = w.VBox([self.patients], layout=w.Layout(padding="12px 18px"))
        super().__init__([self.bar, self._place])
        self.add_class("onco-front")
        self.bar.observe(self._moved, "patient")
        self.bar.patient = patient

    def _picked(self, key: str) -> None:
        self.bar.patient = key

    def _moved(self, change: Any) -> None:
        key = change["new"]
        if not key:  # what went wrong stays to be read
            self._show(self.patients)
            return
        self.bar.note = ""
        self.bar.busy = True
        try:
            patient = self.store[key]
            self.bar.label = patient.label
            opened = explore(patient)
            self._version(opened)
            opened.bar.observe(lambda _: self._version(opened), "_person")
        except OncographError as error:
            self.bar.note = str(error)
            self.bar.patient = ""
        except Exception as error:  # noqa: BLE001 - whoever looks at the page must be told
            self.bar.note = f"The patient cannot be shown: {type(error).__name__}: {error}"
            self.bar.patient = ""
        else:
            self._show(opened)
            self.view = opened
        finally:
            self.bar.busy = False

    def _version(self, opened: Any) -> None:
        """Say which version is shown: a page that writes makes the next one."""
        self.bar.version = f"version {opened.patient.version}"

    def _show(self, view: Any) -> None:
        before, self.view = self.view, None
        self._place.children = [view]
        if before is not None:
            before.close()

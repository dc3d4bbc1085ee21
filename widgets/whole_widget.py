"""WholeWidget: the browser hears of a view once the view is complete."""

from __future__ import annotations

from typing import Any

import anywidget


class _OpenedLast(type(anywidget.AnyWidget)):  # type: ignore[misc]
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made._whole = True
        made.open()
        return made


class WholeWidget(anywidget.AnyWidget, metaclass=_OpenedLast):
    """A widget whose comm is opened when its constructor has returned, with its whole state.

    Otherwise it would be opened in the middle of it, with traits that are still empty, and what
    follows would come as messages. A page that asks the kernel for the states of all widgets (one
    that is just opened or loaded anew) is answered beside a running cell, by another thread: it
    could get the half-made state, and put it over the whole one.
    """

    _whole = False

    def open(self) -> None:
        """Open a comm to the browser, unless there is one or the widget is not complete."""
        if self._whole:
            super().open()

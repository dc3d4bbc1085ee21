"""WholeWidget: the browser hears of a view once the view is complete."""

from __future__ import annotations

import inspect
from typing import Any
from uuid import uuid4

import anywidget
import traitlets as t


class _OpenedLast(type(anywidget.AnyWidget)):  # type: ignore[misc]
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made._whole = True
        made.open()
        return made


class WholeWidget(anywidget.AnyWidget, metaclass=_OpenedLast):
    """A widget whose comm is opened when its constructor has returned, with its whole state.

    Otherwise it would be opened in the middle of it, with traits that are still empty, and what
    follows would come as messages, which a busy page may lose (see js/heard.js). A page that asks
    the kernel for the states of all widgets (one that is just opened or loaded anew) is answered
    beside a running cell, by another thread: it could get the half-made state, too.
    """

    __signature__: inspect.Signature
    _whole = False
    _model_id: str | None
    #: The browser finds its model by it (js/heard.js).
    _own_id = t.Unicode("").tag(sync=True)

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # help and Shift-Tab would show the one of the metaclass' call: (*args, **kwargs)
        made = inspect.signature(cls.__init__)
        cls.__signature__ = made.replace(parameters=[*made.parameters.values()][1:])

    def open(self) -> None:
        """Open a comm to the browser, unless there is one or the widget is not complete."""
        if not self._whole or self.comm is not None:
            return
        self._model_id = self._model_id or uuid4().hex
        self._own_id = self._model_id
        super().open()
        # the page goes on with the next message, which shows the view, once the module is loaded
        self.send_state("_own_id")

"""The desk of the viewer that somebody looks at."""

from __future__ import annotations

from widgets.napari.desk import Desk, desk_of


def here() -> Desk | None:
    """The desk of napari's current viewer; None where a reader runs without one."""
    import napari

    viewer = napari.current_viewer()
    return None if viewer is None else desk_of(viewer)

"""The command ``napari``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, emit, opened


def napari(
    store: StorePath,
    patient: Annotated[
        str | None, typer.Argument(help="Who; the first one with an image by default.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="Id, modality or name of the image to begin with.")
    ] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Open a patient on the desktop: images, masks to be edited, report, findings."""
    from widgets.napari.open_in_napari import open_in_napari

    place = opened(store, trust_root)
    if patient is None:
        everybody = place.patients(tables=("items",))
        shown = next((one for one in everybody if one.images), None) or everybody[0]
    else:
        shown = place[patient]
    viewer = open_in_napari(shown, image)
    if as_json:
        layers = [layer.name for layer in viewer.layers]
        emit({"patient": shown.label, "version": shown.version, "layers": layers})
    from napari import run

    run()

"""Boxes on a chest X-ray in Chest ImaGenome's form."""

from __future__ import annotations

from collections.abc import Mapping

from graphs.formats.chest_imagenome import SMALL, WHOLE, read
from graphs.producer import Producer
from graphs.scene import SceneGraph


def imagenome_of(
    image_id: str,
    boxes: Mapping[str, tuple[float, float, float, float]],
    size: tuple[float, float],
    producer: Producer | None = None,
) -> SceneGraph:
    """Make the graph of a picture out of boxes, such as those of masks that were projected.

    Parameters
    ----------
    image_id : str
    boxes : mapping
        Name of an anatomy to ``(x1, y1, x2, y2)`` in pixels of the picture.
    size : (width, height)
        Of the picture, in pixels.
    producer : Producer or None

    Returns
    -------
    SceneGraph
        `chest_imagenome.write` writes it; in 224 x 224 the picture is padded at both sides to
        a square.
    """
    side = max(size)
    scale = 224 / side
    left, top = (side - size[0]) / 2, (side - size[1]) / 2
    objects = []
    for name, (x1, y1, x2, y2) in boxes.items():
        small = [(x1 + left) * scale, (y1 + top) * scale, (x2 + left) * scale, (y2 + top) * scale]
        corners = dict(zip((*SMALL, *WHOLE), (*small, x1, y1, x2, y2), strict=True))
        objects.append({"object_id": f"{image_id}_{name}", "bbox_name": name, **corners})
    whole = {"image_id": image_id, "objects": objects, "attributes": [], "relationships": []}
    (graph,) = read(whole, producer or Producer("oncograph.boxes", "1"))
    graph.document = None
    return graph

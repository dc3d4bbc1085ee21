"""What a reader of an image wants to know before believing it."""

from __future__ import annotations

from explorer.image import Image


def facts(image: Image) -> list[tuple[str, str]]:
    """Name and value of what is known of an image, as plain text.

    Parameters
    ----------
    image : Image

    Returns
    -------
    list of (str, str)
        Hostile text is among the values: show it as text.
    """
    when = image.acquired or "date unknown"
    if image.day is not None:
        when += f" (day {image.day})"
    units = {"1": "arbitrary"}.get(image.units, image.units)
    found = [
        ("Name", image.name or "unnamed"),
        ("Modality", image.modality),
        ("Taken", when),
        ("Voxels", f"{' × '.join(map(str, image.shape))} ({', '.join(image.dims)})"),  # noqa: RUF001
        ("Spacing", f"{' × '.join(f'{v:.3g}' for v in image.spacing_mm)} mm"),  # noqa: RUF001
        ("Units", units),
    ]
    if "c" in image.dims:
        found.append(("Shown", "the brightness of its colours, in grey"))
    if image.units_reason:
        found.append(("Why these units", image.units_reason))
    found += [("Remark", problem) for problem in image.problems]
    if image.synthetic:
        found.append(("Synthetic", "made up, not measured"))
    found += [("Storage", image.storage), ("Item", image.id)]
    return found


def title(image: Image) -> str:
    """One line that tells an image from the patient's others; hostile text."""
    when = image.acquired or "no date"
    if image.day is not None:
        when = f"day {image.day}, {when}"
    return f"{image.modality} · {when} · {image.name or 'unnamed'} · {image.id}"

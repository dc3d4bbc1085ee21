"""Answer: what is said of a patient, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.html import table_html

if TYPE_CHECKING:
    from graphs.grounding.extent import Box


@dataclass(frozen=True)
class Answer:
    """What is said, and why.

    Attributes
    ----------
    text : str
        Holds words of the report: hostile.
    box : tuple or None
        ``((z0, z1), (y0, y1), (x0, x1))``, voxel edges, half-open: of a mask its bounding box.
    address : str or None
        Of that box in its image.
    findings, groundings, nodes : tuple of str
        Ids that it rests on; all of them are the patient's.
    targets : tuple of str
        Regions, addresses without key and version.
    detail : dict
    """

    text: str
    box: Box | None = None
    address: str | None = None
    findings: tuple[str, ...] = ()
    groundings: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def cited(self) -> tuple[str, ...]:
        """All ids."""
        return (*self.findings, *self.groundings, *self.nodes)

    def _repr_html_(self) -> str:
        rows = [["finding", one] for one in self.findings]
        rows += [["grounding", one] for one in self.groundings]
        rows += [["node", one] for one in self.nodes] + [["region", one] for one in self.targets]
        return table_html(["rests on", "id"], rows, self.text)

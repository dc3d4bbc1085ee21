"""node_of: the node of a graph of tensors that has an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import NotFoundError

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


def node_of(data: HeteroData, address: str) -> tuple[str, int]:
    """Find a node.

    Parameters
    ----------
    data : HeteroData
        Of `graphs.to_hetero`; ``data[kind].address[index]`` is the way back.
    address : str
        Without a version.

    Returns
    -------
    kind : str
    index : int

    Raises
    ------
    NotFoundError
        No node has it.
    """
    for kind in data.node_types:
        try:
            return kind, data[kind].address.index(address)
        except ValueError:
            continue
    raise NotFoundError(f"No node {address!r}", expected="an address of the graph")

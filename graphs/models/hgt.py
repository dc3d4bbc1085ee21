"""Hgt: a transformer over the patient graph."""

from __future__ import annotations

from typing import ClassVar

from graphs.models.hetero_model import HeteroModel


class Hgt(HeteroModel):
    """Each node attends to those that it hears of, with weights of the types of nodes and edges.

    Hu, Dong, Wang, Sun (2020), Heterogeneous graph transformer, by torch_geometric's HGTConv.
    """

    NAME: ClassVar[str] = "hgt"
    CONV: ClassVar[str] = "hgt"

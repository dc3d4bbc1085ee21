"""Explanation: what moved the predictions of some patients, as evidence with addresses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.html import table_html
from explorer.shown_list import ShownList
from explorer.store import Store
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.explanation.evidence import Evidence
from graphs.explanation.pieces import bag_pieces, block_pieces, graph_pieces, no_text
from graphs.explanation.text_at import text_at
from graphs.models.attribution import Attribution

HEAD = ("modality", "evidence", "share of the risk", "address")
_PATIENTS = 200  # of whom the features that are named most often are told


@dataclass(frozen=True, eq=False)
class Explanation:
    """Shares of the risk, summed to modalities, to what has an address, and to gene sets.

    Attributes
    ----------
    model : str
        Name.
    examples : Examples
    attribution : Attribution
    risk : ndarray of float64, (patient,)
        What the model says of each patient.
    top : int
        Pieces of evidence a patient; the rest is summed.
    store : Store or None
        Where the text that stands at an address is read.
    """

    model: str
    examples: Examples
    attribution: Attribution
    risk: NDArray[np.float64]
    top: int = 20
    store: Store | None = None

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def keys(self) -> tuple[str, ...]:
        """The patients."""
        return self.examples.keys

    def pieces(self, key: str, *, texts: bool = True) -> list[Evidence]:
        """All evidence of a patient, the heaviest first; modalities that are absent last.

        Parameters
        ----------
        key : str
        texts : bool
            Whether the store is asked for what stands at the addresses.

        Raises
        ------
        NotFoundError
            The patient is not among the examples.
        """
        if key not in self.keys:
            raise NotFoundError(f"No patient {key!r}", expected="one of those that were explained")
        at = self.keys.index(key)
        read = partial(text_at, self.store) if texts and self.store is not None else no_text
        found: list[Evidence] = []
        for name, block in self.examples.blocks.items():
            weight = self.attribution.weights.get(name)
            if isinstance(block, Bag):
                pooled = weight is None or weight.ndim == 2
                if weight is None:
                    weight = np.zeros((len(self), 1))
                own = weight[at] if pooled else weight[block.of(at)]
                found += bag_pieces(block, at, own, read, pooled=pooled)
            else:
                own = np.zeros(len(block.names)) if weight is None else weight[at]
                found += block_pieces(block, at, own, read)
        for name, owner in self.attribution.owners.items():
            own_at = np.flatnonzero(owner == at)
            addresses = self.attribution.addresses.get(name)
            found += graph_pieces(
                name, self.attribution.weights[name][own_at],
                [addresses[k] if addresses else "" for k in own_at.tolist()], read,
            )  # fmt: skip
        return sorted(found, key=lambda one: (one.state != "present", -abs(one.weight)))

    def of(self, key: str) -> ShownList[Evidence]:
        """The evidence of a patient: the heaviest pieces, the rest of them, and what is absent.

        Parameters
        ----------
        key : str

        Raises
        ------
        NotFoundError
            The patient is not among the examples.
        """
        pieces = [one for one in self.pieces(key, texts=False) if one.state == "present"]
        if len(pieces) > self.top or self.store is not None:
            # only what is shown is looked up
            shown = {(one.modality, one.address, one.parts) for one in pieces[: self.top]}
            named = [
                one for one in self.pieces(key)
                if (one.modality, one.address, one.parts) in shown or one.state != "present"
            ]  # fmt: skip
        else:
            named = self.pieces(key)
        rest = pieces[self.top :]
        if rest:
            by: dict[str, list[float]] = defaultdict(list)
            for one in rest:
                by[one.modality].append(one.weight)
            for name, weights in by.items():
                said = f"{len(weights)} more, each less than what is above"
                named.append(Evidence(name, "", said, float(np.sum(weights))))
        at = self.keys.index(key)
        return ShownList(
            named, HEAD, _cells,
            f"pieces of evidence of {key} ({self.model}, {self.attribution.method}; "
            f"risk {self.risk[at]:+.3g})",
        )  # fmt: skip

    def by_modality(self) -> pd.DataFrame:
        """Sum of each modality for each patient; index: keys, a column a modality."""
        owners = {
            name: block.owner
            for name, block in self.examples.blocks.items() if isinstance(block, Bag)
        }  # fmt: skip
        sums = self.attribution.by_modality(owners, len(self))
        return pd.DataFrame(
            {name: sums.get(name, np.zeros(len(self)))
             for name in dict.fromkeys((*self.examples.blocks, *sums))},
            index=list(self.keys),
        )  # fmt: skip

    def groups(self, modality: str) -> pd.DataFrame:
        """Sum of each group of features, such as a pathway; index: keys, a column a group.

        A feature of several groups counts in each: these sums overlap.

        Raises
        ------
        NotFoundError
            The modality has no groups.
        """
        block = self.examples.blocks.get(modality)
        weight = self.attribution.weights.get(modality)
        if not isinstance(block, Block) or not block.groups or weight is None:
            raise NotFoundError(f"{modality!r} has no groups of features")
        place = {name: at for at, name in enumerate(block.names)}
        return pd.DataFrame(
            {group: weight[:, [place[one] for one in members]].sum(axis=1)
             for group, members in block.groups.items()},
            index=list(self.keys),
        )  # fmt: skip

    def most(self) -> pd.DataFrame:
        """What is named over all patients: modality, evidence, mean of |share|, patients.

        Evidence is called by its feature, group, or modality where it is an instance of a bag. Of
        more than 200 patients, the first 200 are looked at.
        """
        sums: dict[tuple[str, str], list[float]] = defaultdict(list)
        looked = self.keys[:_PATIENTS]
        for key in looked:
            for one in self.pieces(key, texts=False):
                if one.state == "present" and one.weight != 0:
                    sums[one.modality, self._called(one)].append(abs(one.weight))
        rows = [
            (modality, name, sum(found) / len(looked), len(found))
            for (modality, name), found in sums.items()
        ]
        frame = pd.DataFrame(rows, columns=["modality", "evidence", "mean of |share|", "patients"])
        return frame.sort_values("mean of |share|", ascending=False, ignore_index=True)

    def _called(self, one: Evidence) -> str:
        block = self.examples.blocks.get(one.modality)
        if not isinstance(block, Block):
            return "its instances"
        if len(one.parts) == 1:
            return block.names[one.parts[0]]
        head = one.text.partition(": ")[0]
        return head if head in block.groups else f"{len(one.parts)} features at one address"

    def figure(self, patient: str | None = None) -> Figure:
        """Draw the evidence of a patient, or the modalities and features of all.

        Parameters
        ----------
        patient : str, optional
            Key; where only one patient was explained, it is that one.
        """
        from graphs.explanation.explanation_figure import all_figure, patient_figure

        if patient is None and len(self) == 1:
            patient = self.keys[0]
        return all_figure(self) if patient is None else patient_figure(self, patient)

    def _having(self, name: str) -> int | None:
        block = self.examples.blocks.get(name)
        return None if block is None else int(block.present.sum())

    def __repr__(self) -> str:
        return f"<Explanation of {self.model}: {len(self)} patients, {self.attribution.method}>"

    def _repr_html_(self) -> str:
        if len(self) == 1:
            return self.of(self.keys[0])._repr_html_()
        sums = self.by_modality()
        size = sums.abs().mean()
        total = float(size.sum()) or 1.0
        rows = [
            [name, self._having(name), float(size[name]),
             f"{100 * size[name] / total:.0f} %"]
            for name in sums.columns
        ]  # fmt: skip
        title = f"{len(self)} patients, {self.model}, {self.attribution.method}"
        head = ["modality", "patients who have it", "mean of |share of the risk|", "of all"]
        most = self.most().head(self.top)
        return table_html(head, rows, title) + table_html(
            list(most.columns), most.to_numpy(object).tolist(), "what is named"
        )


def _cells(one: Evidence) -> list[object]:
    return [one.modality, one.text, f"{one.weight:+.3g}", one.address or None]

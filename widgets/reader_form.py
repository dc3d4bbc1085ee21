"""ReaderForm: blinded comparison of two texts, one pair after the other, kept as it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from explorer.errors import OncographError, StoreError
from explorer.picture import Picture
from graphs.metrics.reader_study import ReaderStudy, Vote, Winner, reader_study
from widgets.esm import css, esm
from widgets.selection import Selection
from widgets.vote_log import VoteLog
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ANSWERS = ("A", "equal", "B")
_MOST = 10_000  # characters of a comment


@dataclass(frozen=True)
class ReaderPair:
    """Two texts that are to be compared.

    Attributes
    ----------
    id : str
        The same whenever the study goes on; it tells the reader nothing.
    candidate, reference : str
        Hostile. Which is which is not shown.
    stratum : str
        'normal' or 'abnormal' (or what else the cases are told apart by).
    context : str
        What both are about: the findings of which they are impressions, say; may be empty.
    """

    id: str
    candidate: str
    reference: str
    stratum: str = ""
    context: str = ""


class ReaderForm(WholeWidget):
    """Ask a reader which of two texts is better, without saying which one is which.

    The order of the pairs and which text is A depend on the seed and the reader, and are the same
    when the reader comes back. Each vote is on the disk before the next pair is shown, so a stop
    loses nothing and the form goes on where it was. A vote is never overwritten.

    Parameters
    ----------
    pairs : sequence of ReaderPair
    reader : str
        Who votes; kept with each vote.
    path : str or Path
        Of the file of votes (JSON Lines); several readers may share it.
    seed : int
        Of the order.
    question : str
        Put above the two texts.

    Attributes
    ----------
    done, total : int
        Votes that this reader has given, and pairs.

    Raises
    ------
    ValueError
        There is no pair, two have the same id, or nobody is named.

    Notes
    -----
    The two texts of the pair that is shown, and nothing else of the study, are sent to the
    browser: A and B, never which of them is the candidate.
    """

    _esm = esm("reader_form.js")
    _css = css("theme.css", "reader_form.css")

    done = t.Int(0).tag(sync=True)
    total = t.Int(0).tag(sync=True)
    _shown: Any = t.Dict().tag(sync=True)

    def __init__(
        self,
        pairs: Sequence[ReaderPair],
        reader: str,
        path: str | Path,
        *,
        seed: int = 0,
        question: str = "Which text is better?",
        selection: Selection | None = None,
    ) -> None:
        if not pairs or len({one.id for one in pairs}) != len(pairs):
            raise ValueError(
                f"{len(pairs)} pairs: expected one or more, each with an id of its own"
            )
        if not reader.strip():
            raise ValueError("The reader's name is empty")
        self.selection = Selection() if selection is None else selection
        self.reader = reader.strip()
        self.question = question
        self._seed = seed
        self._log = VoteLog(path)
        order = np.random.default_rng([seed, _number(self.reader)]).permutation(len(pairs))
        self._pairs = [pairs[int(k)] for k in order]
        super().__init__()
        self.on_msg(self._on_message)
        self._next()

    def vote(self, answer: str, comment: str = "") -> None:
        """Vote on the pair that is shown, and go on to the next one.

        Parameters
        ----------
        answer : {'A', 'equal', 'B'}
        comment : str
            Hostile.

        Raises
        ------
        ValueError
            Another answer.
        StoreError
            All pairs have been voted on, or this one in another window.
        """
        if answer not in _ANSWERS:
            raise ValueError(f"An answer {answer!r}: expected one of {_ANSWERS}")
        pair = self._open()
        if pair is None:
            raise StoreError("Every pair has been voted on", where=str(self._log.path))
        first = self._candidate_first(pair)
        winner = (
            "equal" if answer == "equal" else ("reference", "candidate")[(answer == "A") == first]
        )
        try:
            self._log.add({
                "pair": pair.id, "reader": self.reader, "winner": winner, "stratum": pair.stratum,
                "answer": answer, "candidate": "A" if first else "B", "seed": self._seed,
                "comment": comment[:_MOST],
                "texts": [_sha256(pair.candidate), _sha256(pair.reference)],
            })  # fmt: skip
        finally:
            self._next()

    def study(self) -> ReaderStudy:
        """What all votes in the file say, those of other readers included."""
        return study_of(self._log.path)

    def figure(self, **options: Any) -> Figure:
        """Shares of 'equivalent or better' with their intervals, by stratum."""
        shares = [(k, s) for k, s in self.study().equivalent_or_better.items() if s.n]
        figure = Picture(size=(5, 0.5 * len(shares) + 1.2), facecolor="white", **options)
        axis = figure.subplots()
        for y, (_, share) in enumerate(shares):
            axis.plot([share.low, share.high], [y, y], color="#0072b2", linewidth=2)
            axis.plot(share.value, y, "o", color="#0072b2")
        axis.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5), yticks=range(len(shares)),
                 xlabel="equivalent or better: share of votes, 95 % (Wilson)")  # fmt: skip
        axis.set_yticklabels([f"{name} (n = {s.n})" for name, s in shares], parse_math=False)
        figure.tight_layout()
        return figure

    def _open(self) -> ReaderPair | None:
        """The first pair in this reader's order without a vote."""
        given = {one["pair"] for one in self._log.votes(self.reader)}
        self.done = sum(one.id in given for one in self._pairs)
        return next((one for one in self._pairs if one.id not in given), None)

    def _next(self) -> None:
        pair = self._open()
        with self.hold_sync():
            self.total = len(self._pairs)
            if pair is None:
                self._shown = {}
                return
            texts = [pair.candidate, pair.reference]
            first, second = texts if self._candidate_first(pair) else texts[::-1]
            self._shown = {
                "question": self.question, "context": pair.context, "a": first, "b": second,
                "n": self.done,
            }  # fmt: skip

    def _candidate_first(self, pair: ReaderPair) -> bool:
        drawn = np.random.default_rng([self._seed, _number(self.reader), _number(pair.id)])
        return bool(drawn.integers(2))

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        # the count tells a second click, or another window's, from a vote on the next pair
        if content.get("kind") != "vote" or content.get("n") != self._shown.get("n"):
            return
        try:
            self.vote(str(content.get("answer")), str(content.get("comment", "")))
        except (OncographError, ValueError) as error:
            self.send({"kind": "notice", "message": str(error)})


def study_of(path: str | Path) -> ReaderStudy:
    """What the votes in a file say.

    Parameters
    ----------
    path : str or Path
        That a `ReaderForm` wrote.

    Returns
    -------
    ReaderStudy
    """
    return reader_study(
        Vote(str(row["pair"]), str(row["reader"]), _winner(row), str(row.get("stratum", "")))
        for row in VoteLog(path).votes()
    )


def _winner(row: dict[str, Any]) -> Winner:
    found: Winner = row["winner"]
    return found


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

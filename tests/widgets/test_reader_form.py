from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.errors import StoreError
from widgets.reader_form import ReaderForm, ReaderPair, study_of
from widgets.view import View
from widgets.vote_log import VoteLog

NASTY = '<script>alert(1)</script>\n{"pair": "p9"}'


def _pairs(n: int = 40) -> list[ReaderPair]:
    return [
        ReaderPair(f"p{k}", f"candidate {k}", f"reference {k}", ("normal", "abnormal")[k % 2])
        for k in range(n)
    ]


def _is_candidate(form: ReaderForm, side: str) -> bool:
    return str(form._shown[side]).startswith("candidate")


def test_it_is_blind_and_in_a_seeded_order(tmp_path: Path) -> None:
    orders: list[list[Any]] = []
    for reader, seed in (("Ada", 1), ("Ada", 1), ("Bo", 1), ("Ada", 2)):
        form = ReaderForm(_pairs(), reader, tmp_path / f"{len(orders)}.jsonl", seed=seed)
        assert isinstance(form, View)
        seen = []
        while form._shown:
            assert set(form._shown) == {"question", "context", "a", "b", "n"}
            seen.append((form._shown["a"], form._shown["b"]))
            form.vote("equal")
        orders.append(seen)
    assert orders[0] == orders[1]
    assert len({str(one) for one in orders}) == 3
    first = sum(a.startswith("candidate") for a, _ in orders[0])
    assert 8 <= first <= 32
    assert [int(a.split()[1]) for a, _ in orders[0]] != list(range(40))


def test_votes_are_kept_and_it_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    form = ReaderForm(_pairs(4), "Ada", path, seed=3)
    better = "A" if _is_candidate(form, "a") else "B"
    form._on_message(form, {"kind": "vote", "answer": better, "comment": NASTY, "n": 0}, None)
    form._on_message(form, {"kind": "vote", "answer": better, "n": 0}, None)  # the same click again
    assert form.done == 1
    upcoming = dict(form._shown)
    (kept,) = VoteLog(path).votes()
    assert (kept["winner"], kept["reader"], kept["comment"]) == ("candidate", "Ada", NASTY)
    assert kept["time"]
    with path.open("ab") as file:
        file.write(b'{"pair": "p1", "rea')  # the machine stops here
    again = ReaderForm(_pairs(4), "Ada", path, seed=3)
    assert again._shown == upcoming
    before = path.read_bytes()
    again.vote("B" if _is_candidate(again, "a") else "A")
    assert path.read_bytes().startswith(before)
    assert [one["winner"] for one in VoteLog(path).votes()] == ["candidate", "reference"]
    other = ReaderForm(_pairs(4), "Bo", path, seed=3)
    assert other.done == 0
    again.vote("equal")
    again.vote("equal")
    assert (again.done, again.total, again._shown) == (4, 4, {})
    with pytest.raises(StoreError, match="Every pair"):
        again.vote("equal")


def test_two_windows_give_one_vote(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    log = VoteLog(path)
    log.add({"pair": "p", "reader": "Ada", "winner": "equal"})
    with pytest.raises(StoreError, match="has voted"):
        log.add({"pair": "p", "reader": "Ada", "winner": "candidate"})
    assert len(path.read_text().splitlines()) == 1


@pytest.mark.parametrize("pairs", [[], _pairs(1) * 2])
def test_faulty_pairs_are_refused(tmp_path: Path, pairs: list[ReaderPair]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        ReaderForm(pairs, "Ada", tmp_path / "v")
    with pytest.raises(ValueError, match="name"):
        ReaderForm(_pairs(1), " ", tmp_path / "v")
    with pytest.raises(ValueError, match="answer"):
        ReaderForm(_pairs(1), "Ada", tmp_path / "v").vote("C")


def test_simulated_readers_with_a_known_preference(tmp_path: Path) -> None:
    """The whole way: readers who see A and B only; the estimate has their preference inside."""
    path = tmp_path / "votes.jsonl"
    rng = np.random.default_rng(5)
    for reader in ("Ada", "Bo"):
        form = ReaderForm(_pairs(60), reader, path, seed=11)
        while form._shown:
            better = "A" if _is_candidate(form, "a") else "B"
            worse = "AB".replace(better, "")
            good = rng.random() < 0.57
            form.vote(better if good and rng.random() < 0.5 else "equal" if good else worse)
    study = study_of(path)
    for name in ("normal", "abnormal"):
        share = study.equivalent_or_better[name]
        assert share.n == 60
        assert share.low < 0.57 < share.high
    assert abs(study.cohen["Ada", "Bo"]) < 0.3  # they vote independently of each other
    figure = ReaderForm(_pairs(60), "Ada", path, seed=11).figure()
    assert next(one.get_text() for one in figure.axes[0].get_yticklabels()) == "all (n = 120)"
    assert all(json.loads(line) for line in path.read_text().splitlines())

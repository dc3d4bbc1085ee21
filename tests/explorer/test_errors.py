from __future__ import annotations

import pickle

import pytest

from explorer import errors


def test_a_message_says_what_to_do() -> None:
    error = errors.NotFoundError(
        "No patient 'Anna'", expected="one of the store's", where="/data/s", do="look again."
    )
    assert str(error) == (
        "No patient 'Anna'. Expected: one of the store's. Where: /data/s. What to do: look again."
    )
    assert isinstance(error, KeyError)  # so that a store is a proper mapping


@pytest.mark.parametrize(
    "kind",
    [kind for kind in vars(errors).values() if isinstance(kind, type)],
)
def test_errors_come_home_from_other_processes(kind: type[errors.OncographError]) -> None:
    error = kind("found", expected="e", where="w", do="d")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.found, again.expected, again.where, again.do) == ("found", "e", "w", "d")
    assert str(again) == str(error)

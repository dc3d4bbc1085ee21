"""condensed: answers at a few times, small enough to be kept of every fold."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.models.answers import Answers

Floats = NDArray[np.float64]
_FIELDS = ("survival", "incidence", "probability")
_ABOUT = "about"


def condensed(answers: Answers, times: Floats) -> Answers:
    """The same at some times alone.

    Parameters
    ----------
    answers : Answers
    times : ndarray, (time,)
        Ascending; curves hold their value from each of their own times on.
    """
    risk = np.asarray(answers.risk, float)
    chance = None if answers.probability is None else np.asarray(answers.probability, float)
    if not len(answers.times) or not len(times):
        return Answers(answers.kind, risk, np.zeros(0), probability=chance)
    at = np.searchsorted(answers.times, times, side="right") - 1
    survival = incidence = None
    if answers.survival is not None:
        survival = np.where(at >= 0, np.asarray(answers.survival, float)[:, at], 1.0)
    if answers.incidence is not None:
        incidence = np.where(at >= 0, np.asarray(answers.incidence, float)[:, :, at], 0.0)
    return Answers(answers.kind, risk, times, survival, incidence, chance)


def keep(path: Path, answers: Mapping[str, Answers], about: Mapping[str, Any]) -> None:
    """Write the answers of one fit; the file is there whole, or not at all."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, one in answers.items():
        arrays[f"{name}/risk"] = one.risk
        for field in _FIELDS:
            value = getattr(one, field)
            if value is not None:
                arrays[f"{name}/{field}"] = value
    first = next(iter(answers.values()))
    said = {**about, "kind": first.kind, "names": list(answers)}
    arrays[_ABOUT] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(buffer.getvalue())
    os.replace(file.name, path)  # noqa: PTH105 - of a name that tempfile gave


def kept(path: Path, times: Floats) -> tuple[dict[str, Answers], dict[str, Any]] | None:
    """Read what `keep` wrote; None where it is not there, or damaged.

    Parameters
    ----------
    path : Path
    times : ndarray, (time,)
        That the answers were condensed to.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(file[_ABOUT].tobytes())
            found = {}
            for name in about["names"]:
                fields = {f: file[f"{name}/{f}"] for f in _FIELDS if f"{name}/{f}" in file}
                curve = "survival" in fields or "incidence" in fields
                found[name] = Answers(
                    about["kind"], file[f"{name}/risk"], times if curve else np.zeros(0), **fields
                )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
    return found, about

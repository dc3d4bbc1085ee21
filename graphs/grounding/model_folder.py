"""Model folder: the files of a local model, named where they are missing, hashed where not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphs.errors import ModelFolderError

CONFIG, WEIGHTS = "config.json", "model.safetensors"


def model_folder(folder: str | Path, more: Sequence[str] = ()) -> tuple[Path, dict[str, Any], str]:
    """Look at a folder before anything of it is loaded.

    Parameters
    ----------
    folder : path
    more : sequence of str
        Names of files that must be there besides ``config.json`` and ``model.safetensors``.

    Returns
    -------
    folder : pathlib.Path
    config : dict
    sha256 : str
        Of the weights' file.

    Raises
    ------
    ModelFolderError
        The folder or a file is missing, or the configuration is no JSON object.
    """
    path = Path(folder)
    if not path.is_dir():
        raise ModelFolderError(f"No folder {path}", expected="a local model folder")
    missing = [name for name in (CONFIG, WEIGHTS, *more) if not (path / name).is_file()]
    if missing:
        raise ModelFolderError(
            f"The model folder lacks {', '.join(missing)}",
            where=str(path),
            do="weights in other forms (.bin, .pt) run code when they are loaded: convert them",
        )
    try:
        config = json.loads((path / CONFIG).read_text("utf-8"))
    except ValueError as error:
        raise ModelFolderError(f"{CONFIG} is no JSON: {error}", where=str(path)) from error
    if not isinstance(config, dict):
        raise ModelFolderError(f"{CONFIG} is no JSON object", where=str(path))
    with (path / WEIGHTS).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path, config, digest

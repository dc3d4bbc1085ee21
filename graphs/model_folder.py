"""Model folder: the files of a local model, looked at before anything of it is loaded."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.errors import DeviceError, ModelFolderError

CONFIG, WEIGHTS = "config.json", "model.safetensors"
_INDEX = f"{WEIGHTS}.index.json"
_MOST_JSON = 64 << 20


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds what it must.

    Attributes
    ----------
    folder : Path
    config : dict
    sha256 : str
        Of the weights: of the one file, or of the digests of its parts in the order of their names.
    """

    folder: Path
    config: dict[str, Any]
    sha256: str

    def expect(self, form: str, or_type: str = "") -> None:
        """Refuse the folder of another model.

        Parameters
        ----------
        form : str
            'format' in ``config.json``.
        or_type : str
            'model_type' of a network of the transformers library that is taken as well.

        Raises
        ------
        ModelFolderError
            It is another model.
        """
        named, kind = self.config.get("format"), self.config.get("model_type")
        if named != form and not (or_type and kind == or_type):
            raise ModelFolderError(
                f"The folder holds {named or kind!r}",
                expected=f"{form} or {or_type}" if or_type else form, where=str(self.folder),
            )  # fmt: skip

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within it, what ``config.json`` lacks is a ModelFolderError."""
        try:
            yield
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelFolderError(f"config.json lacks {error}", where=str(self.folder)) from error


def model_folder(
    folder: str | Path, more: Sequence[str] = (), *, parts: bool = True
) -> ModelFolder:
    """Look at a model's folder; only safetensors count as weights, as other forms can run code.

    Parameters
    ----------
    folder : path
    more : sequence of str
        Files that must be there besides ``config.json`` and the weights.
    parts : bool
        Whether the weights may be divided into several files, as transformers writes large ones.

    Raises
    ------
    ModelFolderError
        The folder or a file is missing, or a JSON file is none; the message names it.
    """
    path = Path(folder)
    if not path.is_dir():
        raise ModelFolderError(f"No folder {path}", expected="a local model folder")
    missing = [name for name in (CONFIG, *more) if not (path / name).is_file()]
    weights = [path / WEIGHTS]
    if parts and (path / _INDEX).is_file():
        index = _json(path / _INDEX).get("weight_map")
        names = sorted({str(name) for name in index.values()}) if isinstance(index, dict) else []
        if not names or any(Path(name).name != name for name in names):
            raise ModelFolderError(f"{_INDEX} names no files of the folder", where=str(path))
        weights = [path / name for name in names]
    missing += [one.name for one in weights if not one.is_file()]
    if missing:
        raise ModelFolderError(
            f"The model folder lacks {', '.join(missing)}",
            where=str(path),
            do="put the files there; weights of other forms (.bin, .pt) are not loaded, as they "
            "can run code: convert them to safetensors",
        )
    digests = []
    for one in weights:
        with one.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    whole = digests[0]
    if len(digests) > 1:
        whole = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return ModelFolder(path, _json(path / CONFIG), whole)


def offline() -> None:
    """Tell the libraries that load models to stay away from the network."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ[name] = "1"


def chosen_device(device: str) -> str:
    """'auto' is CUDA where there is one, else the CPU.

    Raises
    ------
    DeviceError
        CUDA is asked for where there is none.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceError(
            f"The device {device!r} is asked for, and there is no CUDA here",
            expected="a machine with an NVIDIA GPU, its driver, and a CUDA build of torch",
            do="take 'auto' or 'cpu'",
        )
    return device


def _json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_JSON:
            raise ModelFolderError(f"{file.name} is too large", where=str(file.parent))
        found = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFolderError(f"{file.name} is no JSON: {error}", where=str(file)) from error
    if not isinstance(found, dict):
        raise ModelFolderError(f"{file.name} is no JSON object", where=str(file.parent))
    return found

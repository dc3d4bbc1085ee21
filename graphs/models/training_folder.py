"""TrainingFolder: where the training of a model's networks is kept, to be taken up again."""

from __future__ import annotations

import json
from pathlib import Path

from torch import nn

from graphs.errors import ModelError


class TrainingFolder:
    """A folder that keeps one training: a folder a network, and its weights once it is done.

    Parameters
    ----------
    path : Path
        Made where it is not there.
    digest : str
        Tells the training; see `training_digest`.

    Raises
    ------
    ModelError
        Another training is kept in the folder.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        file = path / "training.json"
        if not file.exists():
            file.write_text(json.dumps({"training": digest}), "utf-8")
        try:
            there = json.loads(file.read_text("utf-8")).get("training")
        except (ValueError, AttributeError):
            there = None
        if there != digest:
            raise ModelError("Another training is kept in the folder", where=str(path),
                             expected="the same model, settings, seed and patients",
                             do="take another folder")  # fmt: skip

    def member(self, number: int) -> Path:
        """The folder of one network, which may not be there yet."""
        return self.path / f"member {number}"

    def keep(self, network: nn.Module, number: int) -> None:
        """Keep a network whose training is done."""
        from safetensors.torch import save_file

        folder = self.member(number)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "done.part"
        save_file({name: one.contiguous() for name, one in network.state_dict().items()}, part)
        part.replace(folder / "done.safetensors")

    def load(self, network: nn.Module, number: int) -> bool:
        """Take the weights of a network whose training is done; whether it is."""
        from safetensors.torch import load_file

        done = self.member(number) / "done.safetensors"
        if not done.exists():
            return False
        network.load_state_dict(load_file(done))
        return True

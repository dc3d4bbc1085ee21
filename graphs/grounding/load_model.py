"""Load a text-image model from a local folder, whichever of the known kinds it is."""

from __future__ import annotations

from pathlib import Path

from graphs.grounding.text_image_model import TextImageModel
from graphs.model_folder import model_folder


def load_model(folder: str | Path, device: str = "auto") -> TextImageModel:
    """Load `PatchText` or a `LocalModel`; nothing is fetched.

    Parameters
    ----------
    folder : path
        With ``config.json`` and ``model.safetensors``.
    device : str

    Raises
    ------
    ModelFolderError
        A file is missing, or the folder holds another kind of model.
    """
    config = model_folder(folder).config
    if "format" in config:
        from graphs.grounding.patch_text import PatchText

        return PatchText.load(folder, device)
    from graphs.grounding.local_model import LocalModel

    return LocalModel(folder, device)

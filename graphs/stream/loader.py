"""loader: a stream in batches, read ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.stream.dataset import refuse_without_torch

if TYPE_CHECKING:
    from graphs.stream.batch_loader import Loader
    from graphs.stream.patch_stream import PatchStream


def loader(dataset: PatchStream, batch_size: int | None = None, **options: Any) -> Loader:
    """Load a stream in batches; by two threads that read ahead.

    Parameters
    ----------
    dataset : PatchStream
        Of `graphs.dataset`.
    batch_size : int, optional
        The stream's own by default.
    **options
        Of `Loader`: threads, workers, context, ahead, pin_memory, drop_last.

    Returns
    -------
    Loader

    Raises
    ------
    NotInstalledError
        There is no torch.
    """
    refuse_without_torch()
    from graphs.stream.batch_loader import Loader  # it takes torch along

    return Loader(dataset, dataset.order.batch if batch_size is None else batch_size, **options)

"""A bounded memory of decoded chunks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DEFAULT_BYTES = 512 << 20


class ChunkCache:
    """Decoded chunks, the least recently used thrown out first; safe with threads.

    A slice of a chunked volume needs every chunk that it crosses, and the next slice needs the
    same ones again. A chunk that two threads ask for at once is decoded once.

    Parameters
    ----------
    max_bytes : int
        Decoded bytes to keep. One chunk more may be held while it is handed out.
    """

    def __init__(self, max_bytes: int = _DEFAULT_BYTES) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._coming: dict[Hashable, Future[NDArray[Any]]] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable, load: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A chunk, loaded if it is not there.

        Parameters
        ----------
        key : hashable
            Names the array and the chunk.
        load : callable
            Reads and decodes it; what it raises is raised here, and nothing is kept.

        Returns
        -------
        ndarray
            Read-only, since others hold it too.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self.hits += 1
                return self._kept[key]
            coming = self._coming.get(key)
            mine = coming is None
            if coming is None:
                coming = self._coming[key] = Future()
                self.misses += 1
        if not mine:
            return coming.result()
        try:
            chunk = np.asarray(load())
            chunk.flags.writeable = False
        except BaseException as error:
            with self._lock:
                del self._coming[key]
            coming.set_exception(error)
            raise
        with self._lock:
            del self._coming[key]
            self._keep(key, chunk)
        coming.set_result(chunk)
        return chunk

    def _keep(self, key: Hashable, chunk: NDArray[Any]) -> None:
        self._kept[key] = chunk
        self._bytes += chunk.nbytes
        while self._bytes > self.max_bytes and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._kept

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    @property
    def nbytes(self) -> int:
        """Decoded bytes that are kept now."""
        with self._lock:
            return self._bytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

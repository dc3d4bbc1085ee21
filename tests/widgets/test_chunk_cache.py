from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from widgets.chunk_cache import ChunkCache


def _chunk(size: int = 100) -> np.ndarray:
    return np.zeros(size, np.uint8)


def test_the_least_recently_used_goes_first() -> None:
    cache = ChunkCache(300)
    for key in "abc":
        cache.get(key, _chunk)
    cache.get("a", _chunk)
    cache.get("d", _chunk)
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    assert cache.nbytes == 300
    assert (cache.hits, cache.misses) == (1, 4)


def test_it_never_holds_more_than_it_may() -> None:
    cache = ChunkCache(250)
    for key in range(50):
        cache.get(key, _chunk)
        assert cache.nbytes <= 250
    cache.get("too large", lambda: _chunk(1000))
    assert cache.nbytes == 0
    assert len(cache) == 0


def test_what_is_handed_out_cannot_be_changed() -> None:
    found = ChunkCache().get("a", _chunk)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_an_error_is_raised_and_not_kept() -> None:
    cache = ChunkCache()

    def broken() -> np.ndarray:
        raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"):
        cache.get("a", broken)
    assert cache.get("a", _chunk).size == 100


def test_threads_that_want_the_same_chunk_share_one_decoding() -> None:
    cache = ChunkCache()
    calls = []
    everyone = threading.Barrier(8)
    slow = threading.Event()

    def load() -> np.ndarray:
        calls.append(1)
        slow.wait(5)
        return _chunk()

    def ask(k: int) -> int:
        everyone.wait()
        if k == 0:
            threading.Timer(0.2, slow.set).start()
        return cache.get("a", load).size

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [100] * 8
    assert len(calls) == 1


def test_clear_forgets_everything() -> None:
    cache = ChunkCache()
    cache.get("a", _chunk)
    cache.clear()
    assert "a" not in cache
    assert cache.nbytes == 0

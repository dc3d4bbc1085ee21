"""quiet_training: a training leaves the process as it was, and says nothing."""

from __future__ import annotations

import logging
import random
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

# Lightning's advice on what is so by intent
_ADVICE = (
    ".*does not have many workers.*",
    ".*You defined a `validation_step` but have no `val_dataloader`.*",
    ".*The number of training batches.*",
    ".*`training_step` returned `None`.*",
    ".*Checkpoint directory .* exists and is not empty.*",
    ".*GPU available but not used.*",
    # an epoch of which no batch had an event
    ".*Detected call of `lr_scheduler.step\\(\\)` before `optimizer.step\\(\\)`.*",
    # Lightning 2.6 calls by its old name what torch 2.13 has renamed
    ".*LeafSpec.* is deprecated.*",
)


@contextmanager
def quiet_training(threads: int = 1) -> Iterator[None]:
    """Keep the state of every generator of random numbers, torch's settings and Lightning's words.

    Parameters
    ----------
    threads : int
        Of torch on the CPU while it lasts; sums are divided by it, so that weights differ in the
        last digits with another number. 0: as many as the process has.
    """
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    # numpy's old generator is kept since libraries that a logger loads may draw from it
    before, legacy, count = random.getstate(), np.random.get_state(), torch.get_num_threads()  # noqa: NPY002
    sure, warn = torch.are_deterministic_algorithms_enabled(), _warns_only()
    names = ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero")
    levels = {name: logging.getLogger(name).level for name in names}
    own = threading.current_thread() is threading.main_thread()
    interrupt = signal.getsignal(signal.SIGINT) if own else None
    try:
        with torch.random.fork_rng(devices=devices), warnings.catch_warnings():
            for advice in _ADVICE:
                warnings.filterwarnings("ignore", advice)
            for name in names:
                logging.getLogger(name).setLevel(logging.ERROR)
            if threads:
                torch.set_num_threads(threads)
            yield
    except SystemExit as error:
        # Lightning ends the process on Ctrl-C; a notebook wants the interrupt itself
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise
    finally:
        random.setstate(before)
        np.random.set_state(legacy)  # noqa: NPY002
        torch.set_num_threads(count)
        torch.use_deterministic_algorithms(sure, warn_only=warn)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        if own and interrupt is not None:
            signal.signal(signal.SIGINT, interrupt)


def _warns_only() -> bool:
    return bool(torch.is_deterministic_algorithms_warn_only_enabled())

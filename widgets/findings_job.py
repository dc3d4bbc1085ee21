"""FindingsJob: read a patient's reports, ground what they say and check it, beside other work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.errors import OncographError
from graphs.check import check
from graphs.extract import runs_of, unread
from graphs.extractors import extractor as named
from graphs.ground_all import ground_all

if TYPE_CHECKING:
    from explorer.patient import Patient


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    state : {'running', 'done', 'stopped', 'failed'}
    step, total : int
        Reports read, reports grounded, and the check.
    words : str
        What is being done, or why it failed.
    """

    state: str
    step: int = 0
    total: int = 1
    words: str = ""


class FindingsJob:
    """Extract, ground and check, a commit a report: stopped at any time, it goes on from there.

    Parameters
    ----------
    patient : Patient
        Its newest version is read and written.
    told : callable
        Called with a `Progress` after each step; from the job's thread after `start`.
    extractor : str
        A registered name.
    """

    def __init__(
        self, patient: Patient, told: Callable[[Progress], None], extractor: str = "rules"
    ) -> None:
        self._store, self._key = patient.store, patient.key
        self._told = told
        self._extractor = extractor
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._step, self._total = 0, 1

    def start(self) -> None:
        """Run in a thread of its own, so that the notebook stays usable."""
        self._thread = threading.Thread(target=self.run, name="oncograph-findings", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the report that is being worked on."""
        self._stopped.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until a started job has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def run(self) -> None:
        """Run here, until it is done, stopped or has failed; `told` says which."""
        try:
            self._work()
        except _StoppedError:
            self._told(Progress("stopped", self._step, self._total, "what is found is kept"))
        except OncographError as error:
            self._told(Progress("failed", self._step, self._total, str(error)))
        except Exception as error:
            self._told(Progress("failed", self._step, self._total, f"{error!r}"))
            raise
        else:
            self._told(Progress("done", self._total, self._total, ""))

    def _work(self) -> None:
        reader = named(self._extractor)
        waiting = unread(self._newest(), reader)
        self._total = len(waiting) + len(self._newest().reports) + 1
        for report in waiting:
            self._go_on(f"reading {report.name or report.id}")
            drafts = runs_of(report, reader)
            with self._store.transaction(f"findings by {reader.producer.name}") as t:
                for draft in drafts:
                    t.put_run(self._key, draft)
            self._step += 1
        self._go_on("looking for what they speak of")
        ground_all(self._newest(), told=self._grounded)
        self._step = self._total - 1
        self._go_on("checking them against the images")
        check(self._newest())

    def _newest(self) -> Patient:
        return self._store[self._key]

    def _grounded(self, item: str) -> None:
        self._step += 1
        self._go_on(f"grounded {item}")

    def _go_on(self, words: str) -> None:
        if self._stopped.is_set():
            raise _StoppedError
        self._told(Progress("running", self._step, self._total, words))


class _StoppedError(Exception):
    """A person has stopped the job."""

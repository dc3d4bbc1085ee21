"""CohortFreezing: a cohort that is frozen beside other work, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from explorer.errors import OncographError

if TYPE_CHECKING:
    from explorer.cohort import Cohort


class CohortFreezing:
    """One freeze, in a thread of its own, so that the notebook stays usable.

    Parameters
    ----------
    cohort : Cohort
    name : str
    by_reference : bool
        Whether pixels may stay in their source files.
    told : callable
        Called with a state ('running', 'done', 'failed') and a text.
    """

    def __init__(
        self, cohort: Cohort, name: str, by_reference: bool, told: Callable[[str, str], None]
    ) -> None:
        self._cohort, self._name, self._by_reference = cohort, name, by_reference
        self._told = told
        self._thread = Thread(target=self._run, name="oncograph-freeze", daemon=True)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._told("running", f"Freezing {len(self._cohort)} patients as {self._name} …")
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            made = self._cohort.freeze(self._name, by_reference=self._by_reference)
        except (OncographError, OSError, ValueError, RuntimeError) as error:
            self._told("failed", str(error))
            return
        text = f"Frozen as {made.name}: {len(made)} patients, sha256 {made.digest}"
        self._told("done", text)

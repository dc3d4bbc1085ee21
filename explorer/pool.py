"""Pool: what ingest asks of those who read, be they processes here or machines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from explorer.ingest_patient import PatientOutcome, PatientTask

if TYPE_CHECKING:
    from explorer.store import Store

T = TypeVar("T")


class Pool(Protocol):
    """Used in a ``with`` block; `Workers` and `Cluster` are pools."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; what was not begun is left."""

    def map(
        self, step: Callable[..., T], calls: Sequence[tuple[Any, ...]], died: Callable[..., T]
    ) -> Iterator[T]:
        """Results of ``step(*call)`` in the order of the calls; `died` where it kills processes."""

    def patients(self, tasks: Iterable[PatientTask]) -> Iterator[PatientOutcome]:
        """Outcomes as they come."""


def pool_of(scheduler: str | None, workers: int, store: Store, sources: Sequence[Any]) -> Pool:
    """The workers of a Dask scheduler where one is named, else processes of this machine."""
    if scheduler is None:
        from explorer.workers import Workers

        return Workers(workers)
    from explorer.cluster import Cluster

    return Cluster(scheduler, store, sources)

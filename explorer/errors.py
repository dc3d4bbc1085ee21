"""Errors for the person at the notebook: found, expected, where, what to do."""

from __future__ import annotations


class OncographError(Exception):
    """Base of every error that oncograph raises on purpose.

    Parameters
    ----------
    found : str
        What was met.
    expected : str, optional
        What would have been right.
    where : str, optional
        Patient, item, file: the place, most general first.
    do : str, optional
        What the reader of the message can do about it.
    """

    def __init__(
        self,
        found: str,
        *,
        expected: str | None = None,
        where: str | None = None,
        do: str | None = None,
    ) -> None:
        self.found = found
        self.expected = expected
        self.where = where
        self.do = do
        parts = [found]
        if expected:
            parts.append(f"Expected: {expected}.")
        if where:
            parts.append(f"Where: {where}.")
        if do:
            parts.append(f"What to do: {do.rstrip('.')}.")
        self.message = " ".join(part if part.endswith(".") else part + "." for part in parts)
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        # A worker process sends its errors home by pickle; keyword arguments must survive that.
        return (_rebuild, (type(self), self.found, self.expected, self.where, self.do))


def _rebuild(
    kind: type[OncographError],
    found: str,
    expected: str | None,
    where: str | None,
    do: str | None,
) -> OncographError:
    return kind(found, expected=expected, where=where, do=do)


class StoreError(OncographError, RuntimeError):
    """The store cannot do what was asked (locked, not a store, a newer format, ...)."""


class ConflictError(StoreError):
    """Somebody else has committed a newer version of the patient in the meantime."""


class ErasedError(StoreError):
    """Somebody who was erased from the store would come back."""


class NotFoundError(OncographError, KeyError):
    """No such patient, item, segment, version or file."""


class AddressError(OncographError, ValueError):
    """A string is not an address, or it points outside of what it names."""


class GeometryError(OncographError, ValueError):
    """Axes, affines or grids that do not fit."""


class FileRefusedError(OncographError, ValueError):
    """A source file that cannot be taken; the reason becomes its status row."""


class FileSkippedError(FileRefusedError):
    """A source file that is in order, of a kind that is not read: skipped, with the reason."""


class SourceChangedError(OncographError, OSError):
    """A referenced source file is gone, or is no longer the one that was registered."""


class UntrustedError(OncographError, PermissionError):
    """The store refers to a file that this user has not trusted it to read."""


class QueryError(OncographError, ValueError):
    """A question to the store that it cannot, or may not, answer."""


class NotInstalledError(OncographError, ImportError):
    """A part that is needed is not installed; the message has the command that adds it."""


class MapError(OncographError, ValueError):
    """A map of tables (YAML) that says what cannot be; the message names the line and the key."""


class TaskError(OncographError, ValueError):
    """A task, a window or a rule for codes says something that cannot be done."""

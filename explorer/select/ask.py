"""Ask: one question about patients, which can be written down and asked again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from explorer.errors import QueryError
from explorer.select.answer import Answer

if TYPE_CHECKING:
    from explorer.select.basis import Basis


@dataclass(frozen=True)
class Ask(ABC):
    """A question; its fields are what JSON can hold.

    Attributes
    ----------
    kind : str
        Its name in a document.
    """

    kind: ClassVar[str]

    @abstractmethod
    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""

    @abstractmethod
    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it.

        Parameters
        ----------
        basis : Basis
        last : Answer or None
            Of the question before.
        """

    def document(self) -> dict[str, Any]:
        """The question as JSON; what was left at its default is not in it."""
        made: dict[str, Any] = {"ask": self.kind}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.default is MISSING or value != one.default:
                made[one.name] = list(value) if isinstance(value, tuple) else value
        return made

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Ask:
        """Read a question.

        Raises
        ------
        QueryError
            It has names that no such question has, or lacks one.
        """
        given = {name: value for name, value in document.items() if name != "ask"}
        made = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in given.items()
        }
        try:
            return cls(**made)
        except (TypeError, ValueError) as error:
            if isinstance(error, QueryError):
                raise
            raise QueryError(f"The question {cls.kind!r} cannot be read: {error}") from error

    def checked(self, name: str, *kinds: type) -> None:
        """See that a field is of one of some types.

        Raises
        ------
        QueryError
            It is not.
        """
        value = getattr(self, name)
        # True is an int, and no number of days
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            words = " or ".join(kind.__name__ for kind in kinds)
            raise QueryError(f"{self.kind}: {name} is {value!r}", expected=words)

"""The error of somebody who would save over what another person saved meanwhile."""

from __future__ import annotations

from explorer.errors import ConflictError


class MovedOnError(ConflictError):
    """The patient has a newer version than the one whose masks were edited.

    Nothing is lost: the edit is still there, and so is what the other writer saved. It can be
    laid on top of the newest version, or saved beside it.
    """

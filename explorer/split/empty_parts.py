"""empty_parts: parts that nobody is in, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def empty_parts(
    members: Mapping[str, Collection[str]], shares: Mapping[str, float]
) -> tuple[str, ...]:
    """Say which parts nobody is in, though a share was asked for.

    Parameters
    ----------
    members : mapping
        Part to those in it.
    shares : mapping
        Part to what was asked for.

    Returns
    -------
    tuple of str
    """
    total = sum(shares.values())
    return tuple(
        f"nobody is in {part}: too few patients, or groups, for a share of {share / total:.4g}"
        for part, share in shares.items()
        if share > 0 and not members[part]
    )

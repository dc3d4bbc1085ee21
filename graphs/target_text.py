"""Targets: addresses without key and version, as derived rows keep them."""

from __future__ import annotations

from explorer.address import Address, Value


def target_text(kind: str, item: str, **fragment: Value) -> str:
    """Such as ``segmentations/seg-1#label=lesion``; parts are percent-encoded.

    Parameters
    ----------
    kind : str
        'images', 'segmentations', 'reports', ...
    item : str
    **fragment
        As in `Address`.
    """
    return str(Address("k", kind, item, None, fragment)).partition("/")[2]

"""Names that tell nobody: what stands for the path of a file whose contents are de-identified."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from explorer.found import Found
from explorer.privacy.secret import Secret
from explorer.privacy.vocabulary import is_known, vocabulary

PREFIX = "deidentified:"
_WORD = re.compile(r"[0-9A-Za-z\u0080-\uffff]+")
_NUMBERED = re.compile(r"([A-Za-z]+)(\d{3,})")
_LONGEST = 180


def hide(found: Found, secret: Secret) -> Found:
    """Give a file an opaque name; where its bytes are is kept for this run alone.

    Its time of change becomes a number that can only be compared: files often bear the day of
    the examination.

    Parameters
    ----------
    found : Found
    secret : Secret

    Returns
    -------
    Found
        `uri`, `relative`, `root`, `mtime_ns` and reasons without a name in them.
    """
    reason = found.refused
    return replace(
        found,
        uri=hide_uri(found.uri, secret),
        relative=_path(found.relative, secret),
        root=hide_uri(found.root, secret),
        mtime_ns=secret.number(f"{found.uri}\x1f{found.size}\x1f{found.mtime_ns}"),
        refused="it cannot be read" if reason and reason.startswith("cannot be") else reason,
    )


def hide_uri(uri: str, secret: Secret) -> str:
    """What stands for an absolute path, or ``archive.zip!member``; the tree keeps its form."""
    return PREFIX + _path(PurePath(uri).as_posix(), secret)


def is_hidden(uri: str) -> bool:
    """Whether a uri is one that `hide_uri` made."""
    return uri.startswith(PREFIX)


def _path(path: str, secret: Secret) -> str:
    parts = re.split(r"([/!\\])", path)
    return "".join(part if part in "/!\\" else hide_name(part, secret) for part in parts)


def hide_name(name: str, secret: Secret) -> str:
    """What stands for a file's or a folder's name.

    Words of anatomy and technique stay (readers tell a mask from an image by them); what is
    between them becomes a pseudonym: that of the patient, where it is the patient's identifier.
    """
    shown: list[str] = []
    run = ""  # words that are not known, with what is between them
    last = 0
    for word in _WORD.finditer(name):
        gap = name[last : word.start()]
        last = word.end()
        numbered = _NUMBERED.fullmatch(word.group())
        if is_known(word.group(), alone=0):
            shown += [secret.pseudonym(run) if run else "", gap, word.group()]
            run = ""
        elif numbered and numbered[1].lower() in vocabulary():
            shown += [secret.pseudonym(run) if run else "", gap, numbered[1], "-"]
            run = f"#{numbered[2]}"  # img0001 and img-0001 are two files
        else:
            run, before = (run + gap + word.group(), "") if run else (word.group(), gap)
            shown.append(before)
    if run:
        shown.append(secret.pseudonym(run))
    shown.append(name[last:])
    whole = "".join(shown)
    return whole if len(whole) <= _LONGEST else secret.pseudonym(name)

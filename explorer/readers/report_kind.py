"""Why a text file is no report: named as papers about data are, or a table, code or a log."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import PurePosixPath

# With anything behind a mark: README_upstream.md, LICENSE-MIT.txt
_ABOUT = {
    *("readme", "license", "licence", "copying", "changelog", "citation", "contributing"),
    *("requirements", "cmakelists"),
}
_ABOUT_ALONE = {
    *("source", "notice", "notices", "copyright", "authors", "contributors", "maintainers"),
    *("install", "news", "changes", "history", "todo", "manifest", "version", "robots", "index"),
    *(
        "code_of_conduct",
        "security",
        "faq",
        "disclaimer",
        "terms",
        "terms_of_use",
        "tcia_terms",
        "credits",
        "acknowledgements",
        "references",
    ),
    *("datadictionary", "data_dictionary", "codebook", "dataset_description", "participants"),
    *("checksums", "md5sums", "sha256sums", "filelist", "file_list", "paths", "labels", "classes"),
}
_LOG = re.compile(
    r"^\W{0,2}(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?|\d\d:\d\d:\d\d"
    r"|\w{3} +\d+ \d\d:\d\d:\d\d)"
    r".{0,40}?\b(?:DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|TRACE)\b"
    r"|^\W{0,2}(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL|TRACE)\b\W"
    r"|^Traceback \(most recent call last\)|^  File \".*\", line \d+"
)
_CODE = re.compile(
    r"^\s*(?:import \w[\w.]*(?: as \w+)?;?$|from [\w.]+ import |def \w+\(.*\).*:$|class \w+.*[:{]$"
    r"|#include [<\"]|#!/|function\b.*\{$|(?:var|let|const|public|private|static) .*[;{]$"
    r"|(?:if|for|while) ?\(.*\) ?\{$|\}(?: else.*\{)?;?$|return\b.*;$|library\(|[\w.]+ <- "
    r"|</?\w+.*>$"
    r"|[\w\]\).]+ ?[-+*/]?= ?.*;$|\w+==[\w.]+$|@\w+(?:\(.*\))?$)"
)
_NUMBER = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$")
_WORD = re.compile(r"[^\W\d_]{2}|[\u2e80-\uffef]")
_LOOK_LINES = 400


def why_no_report(name: str, text: str) -> str | None:
    """Tell why a text is no report of a patient.

    Parameters
    ----------
    name : str
        The file's, without its folder.
    text : str

    Returns
    -------
    str or None
        The reason; None where it may be a report.
    """
    return about_data(name) or _what(text)


def about_data(name: str) -> str | None:
    """Tell whether a file's name says that it is about data and holds none; the reason, or None."""
    called = PurePosixPath(name).stem
    stem = called.lower()
    if re.split(r"[. _-]", stem, maxsplit=1)[0] in _ABOUT or stem in _ABOUT_ALONE:
        return f"no report: a file called {called} is about the data, not about a patient"
    return None


def _what(text: str) -> str | None:
    lines = [line.rstrip() for line in text.splitlines()[:_LOOK_LINES] if line.strip()]
    if not any(_WORD.search(line) for line in lines):
        return "no report: it holds no words"
    if _is_data(text):
        return "no report: it is JSON, XML or HTML"
    if len(lines) < 3:
        return None
    if _share(_LOG, lines) > 0.5:
        return "no report: it is a log"
    if _share(_CODE, lines) > 0.5:
        return "no report: it is program code"
    words = [word for line in lines for word in line.split()]
    if sum(bool(_NUMBER.match(word)) for word in words) > 0.8 * len(words):
        return "no report: it is a list of numbers"
    mark = table_mark(lines)
    if mark:
        return f"no report: it is a table with {mark} between its columns"
    return None


def _is_data(text: str) -> bool:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<?xml", "<!doctype", "<html")):
        return True
    if start[:1] in ("{", "[") and len(text) < 1 << 22:
        try:
            return isinstance(json.loads(text), dict | list)
        except (ValueError, RecursionError):
            return False
    return False


def table_mark(lines: list[str]) -> str | None:
    """Tell what parts the columns of a table, where lines are one.

    Parameters
    ----------
    lines : list of str
        Without empty ones.

    Returns
    -------
    {'tabs', 'commas', 'semicolons', 'bars', None}
        None where it is no table: a table has at least three lines, and one number of columns.
    """
    for mark, name, least in (
        ("\t", "tabs", 1), (";", "semicolons", 2), (",", "commas", 2), ("|", "bars", 2),
    ):  # fmt: skip
        counts = Counter(line.count(mark) for line in lines)
        most, often = counts.most_common(1)[0]
        if len(lines) >= 3 and most >= least and often >= 0.9 * len(lines):
            return name
    return None


def _share(pattern: re.Pattern[str], lines: list[str]) -> float:
    return sum(bool(pattern.search(line[:300])) for line in lines) / len(lines)

"""LeakError: a split that is refused, with everything that leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import OncographError

if TYPE_CHECKING:
    from explorer.shown_list import ShownList
    from explorer.split.leak import Leak
    from explorer.split.leak_report import LeakReport

_NAMED = 5
_DO = {
    "pairs": "keep linked patients together (together=True), decide whether they are one "
    "(oncograph match), or leave one of each pair out",
    "late facts": "leave these out of the features, or say that they were known (known_at_index)",
    "synthetic": "leave them out of the cohort, or fix them into a part that is trained on "
    "(fixed={'train': [...]})",
    "predicted": "leave what the model made out, or test on patients that it has not seen",
}


class LeakError(OncographError, ValueError):
    """Parts share what they must not share.

    Parameters
    ----------
    report : LeakReport

    Attributes
    ----------
    report : LeakReport
    found : ShownList of Leak
        All of them: both sides with addresses.
    """

    found: ShownList[Leak]  # type: ignore[assignment]  # more than the words of the base

    def __init__(self, report: LeakReport) -> None:
        leaks = report.found
        by_check: dict[str, int] = {}
        for one in leaks:
            by_check[one.check] = by_check.get(one.check, 0) + 1
        counted = ", ".join(f"{count} by {name!r}" for name, count in by_check.items())
        said = "; ".join(_words(one) for one in leaks[:_NAMED])
        more = f"; and {len(leaks) - _NAMED} more" if len(leaks) > _NAMED else ""
        do = list(dict.fromkeys(_DO.get(name, _DO["pairs"]) for name in by_check))
        names = ", ".join(map(repr, by_check))
        do.append(f"or accept it by name, which the split remembers: allow=({names},)")
        super().__init__(
            f"{len(leaks)} leaks between the parts ({counted})",
            where=said + more,
            do="; ".join(do) + ". All of them: error.found",
        )
        self.report, self.found = report, leaks

    def __reduce__(self) -> tuple[object, ...]:
        return (LeakError, (self.report,))


def _words(leak: Leak) -> str:
    who = [f"{side.label!r} ({side.address})" for side in (leak.one, leak.other) if side]
    parts = [part or "?" for part in leak.parts]
    placed = ", ".join(f"{name} in {part}" for name, part in zip(who, parts, strict=False))
    return f"{placed}: {leak.evidence}"

"""case_html: the whole page of a case as one text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from explorer.licence import Licence
from widgets.case.case import Case
from widgets.case.case_key import case_key
from widgets.case.case_records import (
    fact_table,
    image_table,
    lesion_table,
    measurement_table,
    run_table,
    software,
)
from widgets.case.case_report import case_report
from widgets.case.case_timeline import case_timeline
from widgets.case.doubtful import Doubt
from widgets.case.shown import shown

_CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
_USE = "Research use only. Not for diagnosis."


def case_html(case: Case, terms: Licence, doubts: Sequence[Doubt] | None) -> str:
    """Write the page.

    Parameters
    ----------
    case : Case
        Its pictures drawn.
    terms : Licence
    doubts : sequence of Doubt or None
        Words to review before the page is shared; None leaves the list out.

    Returns
    -------
    str
        HTML that loads nothing and runs nothing.
    """
    sections = [
        ("places", "Findings and lesions in the images", case_key(case)),
        ("reports", "Reports", case_report(case)),
        (
            "timeline",
            "Timeline",
            f'<div class="card">{case_timeline(case.patient, case.words)}</div>',
        ),
        ("lesions", "Lesions and measurements", lesion_table(case) + measurement_table(case)),
        ("values", "Clinical values", fact_table(case)),
        ("origin", "Where it comes from", image_table(case) + run_table(case)),
    ]
    if doubts is not None and not case.words.identified:
        sections.append(("review", "Before you share this page", _review(doubts)))
    nav = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in sections)
    body = "".join(
        f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{title}</h2>{inner}'
        "</section>"
        for name, title, inner in sections
    )
    who = shown(case.words.who)
    css = (Path(__file__).parent / "case.css").read_text("utf-8")
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>Case {who}</title><style>{css}</style></head><body>"
        f'<a class="skip" href="#main">Skip to the case</a>{_head(case)}'
        f'<nav aria-label="Sections"><ul>{nav}</ul></nav>'
        f'<main id="main">{body}</main>{_foot(case, terms)}</body></html>\n'
    )


def _head(case: Case) -> str:
    words, patient = case.words, case.patient
    sex = patient.attributes.get("sex")
    said = [f"version {patient.version}", f"days count from {words.zero_is}"]
    if sex:
        said.insert(0, f"sex {shown(words.text(str(sex)))}")
    if words.identified:
        birth = patient.attributes.get("birth_date")
        said += [f"born {shown(birth)}"] if birth else []
        told = (
            '<div class="banner red" role="note"><p>This page names the patient. Handle it like '
            "the patient's record.</p></div>"
        )
    else:
        told = (
            '<div class="banner note" role="note"><p><strong>De-identified:</strong> no name, '
            "number, date or UID that the store knows. <strong>Free text may still hold "
            "identifying words</strong>, and pictures may show a face: look before you share "
            "it.</p></div>"
        )
    made_up = ""
    if patient.synthetic:
        made_up = (
            '<div class="banner note" role="note"><p>This case holds <strong>synthetic data'
            "</strong>, made up rather than measured; it is marked where it stands.</p></div>"
        )
    return (
        f'<header><p class="kicker">Case · {_USE}</p>'
        f'<h1 class="said">{shown(words.who)}</h1><p class="sub">{" · ".join(said)}</p>'
        f"{told}{made_up}{_tiles(case)}</header>"
    )


def _tiles(case: Case) -> str:
    every = [one for said in case.verdicts.values() for one in said]
    against = sum(one.verdict == "contradicts" for one in every)
    placed = sum(
        any(p.status in ("proposed", "accepted") for p in case.groundings.get(one.id, ()))
        for one in case.findings
    )
    tiles = [
        ("images", len(case.patient.images), ""),
        ("reports", len(case.patient.reports), ""),
        ("findings", len(case.findings), ""),
        ("placed in the images", placed, ""),
        ("lesions outlined", len(case.lesions), ""),
        ("contradictions", against, "bad" if against else ""),
    ]
    return '<dl class="tiles">' + "".join(
        f'<div><dt>{name}</dt><dd{" class=bad" if kind else ""}>{count}</dd></div>'
        for name, count, kind in tiles
    ) + "</dl>"  # fmt: skip


def _review(doubts: Sequence[Doubt]) -> str:
    intro = (
        "<p>A person has to read the texts above. These words stand in them, are in no vocabulary "
        "of anatomy, findings and technique, and may name somebody. The list is an aid, not a "
        "proof: a name that is written like a common word is not on it.</p>"
    )
    if not doubts:
        return f'<div class="card">{intro}<p>No such word was found.</p></div>'
    rows = "".join(
        f'<tr><td class="said"><strong>{shown(one.word)}</strong></td>'
        f'<td class="n">{one.count}</td><td class="said">{shown(one.context)}</td></tr>'
        for one in doubts
    )
    return (
        f'<div class="card">{intro}<div class="wide" tabindex="0" role="region" '
        'aria-label="Words to review"><table><thead><tr><th scope="col">word</th>'
        '<th scope="col" class="n">times</th><th scope="col">first seen in</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></div>"
    )


def _foot(case: Case, terms: Licence) -> str:
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    line = case.words.terms(terms.line)
    return (
        f"<footer><p><strong>{_USE}</strong></p>"
        f'<p class="said">{shown(line)} ({shown(terms.by)}).</p>'
        f"<p>Made {made} from version {case.patient.version} of the case by "
        f"{shown(software())}.</p></footer>"
    )

"""Peers of the extractor: keywords alone, and one regular expression a class with negation."""

from __future__ import annotations

import re

PATTERNS = {
    "Cardiomegaly": (
        r"cardiomegaly|(?:heart|cardiac silhouette|cardiac shadow|heart size|cardiac contours?"
        r"|cardiac)(?: size)?(?: is| are| appears?| remains)?(?: \w+){0,2} (?:enlarged|prominent)"
        r"|enlarge(?:d|ment)(?: of)?(?: the)? (?:heart|cardiac|cardiomediastinal)|enlarged heart"
    ),
    "Pleural Effusion": (
        r"(?:pleural |bilateral |small |large )*effusions?|pleural fluid|blunting of (?:the )?"
        r"(?:\w+ ){0,3}costophrenic|costophrenic (?:angle|sulcus|recess)\w* (?:\w+ ){0,2}blunt\w*"
    ),
    "Atelectasis": r"atelecta\w+",
    "Pneumothorax": r"pneumothora\w+|pneumothoraces",
    "Edema": (
        r"(?:pulmonary |interstitial |alveolar )?edema|(?:vascular|pulmonary|venous)(?: \w+)? "
        r"congestion|heart failure|chf|congestive|cephalization"
    ),
    "Consolidation": r"consolidat\w+",
    "Pneumonia": r"pneumoni\w+|infectious process",
    "Lung Opacity": r"opaci\w+|infiltrates?|air ?space disease|densit(?:y|ies)|consolidat\w+",
    "Lung Lesion": r"(?:\bpulmonary |lung )?\b(?:nodules?|nodular|mass|masses)\b",
    "Fracture": r"fractures?|fractured",
    "Support Devices": (
        r"catheters?|\bpicc\b|\bport\b|port-?a-?cath|pacemaker|\bicd\b|defibrillator|\btubes?\b"
        r"|central (?:venous )?line|\bleads?\b|stents?|pacer|tracheostomy"
        r"|(?:prosthetic|replacement) (?:\w+ )?valve|valve (?:replacement|prosthesis)"
    ),
    "Emphysema/COPD": (
        r"emphysem\w+|\bcopd\b|chronic obstructive|hyperexpan\w+|hyperinflat\w+|hyperlucen\w+"
    ),
    "Granuloma": r"granulom\w+",
    "Hiatal hernia": r"hiatal hernia|hiatus hernia",
}
_PRE = re.compile(
    r"\b(no|without|negative for|free of|absence of|no evidence of|denies|rule out|not|resolved"
    r"|resolution of|clear of|neither|nor|never|rather than|interval removal of|removed|exclude)\b"
)
_POST = re.compile(
    r"\b(?:is|are|was|were|has|have)?\s*(?:been )?(?:not (?:seen|identified|visualized|present"
    r"|evident|enlarged)|within normal|unremarkable|resolved|ruled out|unlikely|absent|removed"
    r"|normal)"
)
_TERM = re.compile(
    r"\b(but|however|although|though|except|which|with persistent|otherwise"
    r"|there (?:is|are) (?!no)|stable (?!no)|aside)\b"
)
_SPLIT = re.compile(r"(?<=[a-z0-9])\.\s+|\n|;|\?|\s\.\s")
_HEART = re.compile(r"(not|upper limits|borderline normal)\b")
_COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def keywords(text: str) -> set[str]:
    """Classes whose words occur."""
    text = text.lower()
    return {name for name, pattern in _COMPILED.items() if pattern.search(text)}


def regex(text: str) -> set[str]:
    """Classes whose words occur without a denial around: what was measured before the extractor."""
    found: set[str] = set()
    for sentence in _SPLIT.split(text.lower()):
        if not sentence.strip():
            continue
        for name, pattern in _COMPILED.items():
            if name not in found and _said(sentence, name, pattern):
                found.add(name)
    return found


def _said(sentence: str, name: str, pattern: re.Pattern[str]) -> bool:
    for match in pattern.finditer(sentence):
        before = sentence[: match.start()]
        ends = [one.end() for one in _TERM.finditer(before)]
        before = before[ends[-1] :] if ends else before
        after = sentence[match.end() : match.end() + 60]
        stop = _TERM.search(after)
        after = after[: stop.start()] if stop else after
        if _PRE.search(before[-120:]) or _POST.match(after.strip()):
            continue
        around = sentence[max(0, match.start() - 10) : match.end() + 20]
        if name == "Cardiomegaly" and _HEART.search(around):
            continue
        return True
    return False

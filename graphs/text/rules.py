"""RulesExtractor: findings by rules over a lexicon, without weights."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from graphs.finding import Finding
from graphs.producer import Producer
from graphs.text.attach import attach
from graphs.text.carried import carried, continued
from graphs.text.combinations import combinations
from graphs.text.findings_of import findings_of, placed
from graphs.text.lexicon import Lexicon
from graphs.text.sections import sections
from graphs.text.sentence import Sentence
from graphs.text.sentences import sentences
from graphs.text.statement import Statement

VERSION = "2"
_MOST_KNOWN = 1 << 14
_LONGEST = 1000
_SENTENCES_BACK = 3
_OPEN = (":", "：", "including")  # noqa: RUF001


class RulesExtractor:
    """Reads reports with a lexicon; the same text always gives the same findings.

    A mention under a header for the question, the history, the technique, the comparison or the
    advice is kept as 'not_assessed', with ``detail['why'] = 'section'``: it is no finding, but a
    person may want to know that it was asked for.

    Parameters
    ----------
    lexicon : Lexicon, optional
        The bundled one by default; `Lexicon.with_terms` adds to it.

    Attributes
    ----------
    producer : Producer
        Its settings hold the sha256 of the lexicon.

    Examples
    --------
    >>> text = "A 2.3 cm nodule in the right upper lobe, increased from 1.8 cm."
    >>> one = RulesExtractor().extract(text)[0]
    >>> one.entity, one.anatomy, one.change, [(v.mm, v.prior) for v in one.measurements]
    ('nodule', ('lung_upper_lobe_right',), 'increased', [((23.0,), False), ((18.0,), True)])
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon.default()
        self.producer = Producer(
            "oncograph.rules", VERSION, settings={"lexicon": self.lexicon.sha256}
        )
        self._known: dict[tuple[str, str | None], tuple[Finding, ...]] = {}

    def extract(self, text: str, *, language: str | None = None) -> list[Finding]:
        """Find the statements of a report.

        Parameters
        ----------
        text : str
            Of any script; places in it count Unicode code points.
        language : str or None
            ISO 639-1: terms of other languages than this and English are left out.

        Returns
        -------
        list of Finding
            In the order of their places.
        """
        parts = sections(text, infer=False)
        starts = [part.start for part in parts]
        findings: list[Finding] = []
        heading: tuple[str, Finding] | None = None
        for sentence in sentences(text, parts):
            section = parts[bisect_right(starts, sentence.start) - 1].name
            read = self._read(text[sentence.start : sentence.end], language)
            if not read and heading and heading[0] == section:
                read = self._carried(text[sentence.start : sentence.end], language, heading[1])
            if read:
                first = len(findings)
                findings += [placed(one, sentence, section, first) for one in read]
                heading = _heading(text, sentence, section, findings[-1], heading)
            elif findings and findings[-1].section == section:
                last = _spoken_of(findings, sentence)
                findings[last] = continued(findings[last], text, sentence, self.lexicon, language)
        return findings

    def _read(self, sentence: str, language: str | None) -> tuple[Finding, ...]:
        """What a sentence says, its places counted from its own start.

        Reports repeat each other's sentences, so those that were read are remembered.
        """
        key = (sentence, language)
        known = self._known.get(key)
        if known is not None:
            return known
        statement = Statement(self.lexicon, sentence, 0, len(sentence), language)
        found = combinations(statement, self.lexicon.combinations, self.lexicon.observations)
        if found:
            statement.mentions = sorted([*statement.mentions, *found], key=lambda m: m.span)
        read: tuple[Finding, ...] = ()
        if statement.mentions:
            attach(statement)
            read = tuple(findings_of(statement, self.lexicon))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        if len(sentence) <= _LONGEST:
            self._known[key] = read
        return read

    def _carried(
        self, sentence: str, language: str | None, heading: Finding
    ) -> tuple[Finding, ...]:
        """A line below a heading that leaves out what the heading names."""
        statement = Statement(self.lexicon, sentence, 0, len(sentence), language)
        statement.mentions = carried(statement, self.lexicon.observations[heading.entity])
        if not statement.mentions:
            return ()
        attach(statement)
        whole = {"carried_from": [heading.start, heading.end]}
        return tuple(
            replace(one, detail={**one.detail, **whole})
            for one in findings_of(statement, self.lexicon)
        )


def _spoken_of(findings: list[Finding], sentence: Sentence) -> int:
    """Which finding 'It measures 2.3 cm.' is of: hardly of an effusion that there is not."""
    last = findings[-1]
    for place in range(len(findings) - 1, -1, -1):
        one = findings[place]
        if one.section != last.section or sentence.index - one.sentence > _SENTENCES_BACK:
            break
        if one.assertion != "absent":
            return place
    return len(findings) - 1


def _heading(
    text: str,
    sentence: Sentence,
    section: str,
    last: Finding,
    before: tuple[str, Finding] | None,
) -> tuple[str, Finding] | None:
    """What the lines that follow may be about: 'Pulmonary lesions:'."""
    if text[max(sentence.start, sentence.end - 9) : sentence.end].endswith(_OPEN):
        return section, last
    return before if "carried_from" in last.detail else None

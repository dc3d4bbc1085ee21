"""Text from files is shown as text: in HTML, in a terminal, in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.cli import app
from explorer.command import show
from explorer.draft import SegmentDraft
from explorer.html import Raw, cell, table_html
from explorer.ingest_result import IngestResult
from explorer.verify import verify

# What this package's own HTML is made of; anything else came out of a text.
TAGS = {
    "div", "b", "br", "i", "table", "caption", "thead", "tbody", "tr", "th", "td", "img", "span",
    "svg", "line", "text",
}  # fmt: skip
# A made-up attribute of the same kind would be one of these.
ATTRIBUTES = {
    "style", "class", "scope", "alt", "src", "width", "height", "role", "aria-label", "x", "y",
    "x1", "x2", "y1", "y2", "stroke", "fill", "font-size",
}  # fmt: skip


class _Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.sources.update(value or "" for name, value in attrs if name in ("src", "href"))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.add("a comment")

    def handle_decl(self, decl: str) -> None:
        self.tags.add("a declaration")

    def handle_pi(self, data: str) -> None:
        self.tags.add("an instruction")


def _is_text_only(html: str) -> _Page:
    page = _Page(html)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    return page


@pytest.fixture(scope="module")
def nasty(
    drafts_in: Callable[..., Any], hostile: list[str], tmp_path_factory: pytest.TempPathFactory
) -> explorer.Patient:
    """A patient all of whose names are hostile."""
    store = explorer.open(tmp_path_factory.mktemp("hostile") / "patients.onco", create=True)
    drafts = drafts_in(store, tmp_path_factory.mktemp("sources"))
    mask = np.zeros((2, 3, 4), bool)
    unique = list(dict.fromkeys(hostile))
    segments = [SegmentDraft(n, text) for n, text in enumerate(unique, start=1)]
    draft = drafts.segmentation(
        {"a": mask}, name=unique[0], problems=unique, image=None, image_reason="<b>why</b>"
    )
    draft.segments, draft.load = segments, lambda index: mask
    with store.transaction("<script>message</script>") as t:
        key = t.patient("<script>alert(1)</script>", note="<b>note</b>", sex="<i>")
        for n, text in enumerate(HOSTILE):
            image = drafts.image(
                item=f"ct-{n}", name=text, modality=text[:16] or "CT", units=text,
                units_reason=text, problems=[text], file="<img src=x onerror=alert(1)>.raw",
                acquired="2019-03-01", meta={"body_part": text},
            )  # fmt: skip
            t.put(key, image)
            t.put_files(key, [drafts.file_row(image, "referenced")])
        t.put(key, draft)
        t.add_facts(
            key,
            [{"name": text or "-", "value": text, "unit": text, "source": text} for text in unique],
        )
        for n, text in enumerate(HOSTILE):
            t.add_text(key, f"r-{n}", text, name=text, language=text, source=text)
    return store[key]


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</td></table><iframe src=javascript:alert(1)>",
    "' onmouseover='alert(1)",
    "<!-- comment",
    "&lt;b&gt;",
    "[bold]markup[/bold]",
    "\x1b[31mred\x1b]0;title\x07",
]


def test_every_string_in_every_cell(hostile: list[str]) -> None:
    for text in [*hostile, *HOSTILE]:
        page = _is_text_only(table_html([text], [[text]], caption=text))
        # the parser joins line ends, and the reader sees every other character
        assert page.text.count(text) >= (2 if text else 0) or re.search(r"[\r\0]", text), text
        assert "<" not in cell(text)
        assert '"' not in cell(text)
    assert cell(Raw("<b>ours</b>")) == "<b>ours</b>"


def test_values_of_cells() -> None:
    assert cell(None) == "&ndash;"
    assert cell((2, 3, 4)) == "2 × 3 × 4"  # noqa: RUF001 - a multiplication sign
    assert cell(0.1 + 0.2) == "0.3"
    assert cell(["<b>", 1]) == "&lt;b&gt; × 1"  # noqa: RUF001 - a multiplication sign


def test_html_of_a_patient_and_its_items(nasty: explorer.Patient) -> None:
    page = _is_text_only(nasty._repr_html_())
    assert "<script>alert(1)</script>" in page.text
    assert "' onmouseover='alert(1)" in page.text
    for items in (nasty.images, nasty.segmentations, nasty.reports):
        _is_text_only(items._repr_html_())


def test_html_of_a_store(nasty: explorer.Patient) -> None:
    page = _is_text_only(nasty.store._repr_html_())
    assert "<script>alert(1)</script>" in page.text


def test_html_of_what_ingest_and_verify_found(put: Callable[..., Any], drafts: Any) -> None:
    patient = put(HOSTILE[0], drafts.image(file="<img src=x onerror=alert(1)>.raw"))
    (drafts.folder / "<img src=x onerror=alert(1)>.raw").unlink()
    done = verify(patient.store)
    assert not done.ok
    _is_text_only(done._repr_html_())
    result = IngestResult(
        [{"path": text, "status": "refused", "reason": text} for text in HOSTILE],
        [{"id": text, "version": 1, "items": 1, "changed": True} for text in HOSTILE],
    )
    _is_text_only(result._repr_html_())


def test_html_of_frames_and_arrays(nasty: explorer.Patient) -> None:
    seg = next(iter(nasty.segmentations.values()))
    shown = [
        nasty.facts, nasty.files, nasty.history(), nasty.store.sql("select * from items"),
        nasty.images["ct-0"].data, seg.mask(HOSTILE[0]), nasty.tree,
    ]  # fmt: skip
    for one in shown:
        html = one._repr_html_()
        for bad in ("<script>alert", "<img src=x", "<iframe"):
            assert bad not in html, type(one)


def test_the_terminal_shows_no_markup_and_takes_no_command(
    nasty: explorer.Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")
    done = CliRunner().invoke(app, ["info", str(nasty.store.path)])
    assert done.exit_code == 0
    assert "[bold]markup[/bold]" in done.stdout
    # the table's own colours are SGR codes; a title or a cleared screen is not
    left = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert "\x1b" not in left
    assert "\x07" not in left
    assert "\x1b[31mred" not in done.stdout
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", left)


def test_json_holds_every_string_to_the_letter(nasty: explorer.Patient) -> None:
    from typer.testing import CliRunner

    done = CliRunner().invoke(app, ["info", str(nasty.store.path), "--json"])
    (patient,) = json.loads(done.stdout)["patients"]
    names = {item["id"]: item["name"] for item in patient["items"]}
    assert [names[f"ct-{n}"] for n in range(len(HOSTILE))] == HOSTILE
    (seg,) = (item for item in patient["items"] if item["kind"] == "segmentation")
    assert seg["labels"] == list(nasty.segmentations["seg-00000001"].labels)


def test_every_string_in_a_terminal_table(
    hostile: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show("\x1b[2J", ["\x1b[2J"], [[text] for text in [*hostile, *HOSTILE]])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not [c for c in out if ord(c) < 32 and c != "\n"]


def test_a_surrogate_does_not_stop_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    show("x", ["x"], [["M\udcfcller"]])
    assert "M\\udcfcller" in capsys.readouterr().out


def test_messages_of_errors_are_text(store: explorer.Store) -> None:
    with pytest.raises(explorer.OncographError) as caught:
        store["\x1b[31m[bold]x[/bold]"]
    assert "\x1b" not in str(caught.value)

"""Every format: from the graph alone to the same document, and no document crashes a reader."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.derived import derived
from graphs.errors import FormatError
from graphs.formats.load import FORMATS, load, module, recognise
from graphs.scene import SceneGraph

DATA = Path(__file__).parents[2] / "data"
REAL = {
    "radfact": DATA / "grounded_reports" / "grounded_reporting_examples.json",
    "radgraph": DATA / "formats" / "radgraph_xl_readme.json",
}
# written from the formats' descriptions
DESCRIBED = sorted((DATA / "formats").glob("*_described.*"))
ALL = [*REAL.values(), *DESCRIBED]
JSON = [path for path in ALL if path.suffix == ".json"]


def _format(path: Path) -> str:
    if path == REAL["radfact"]:
        return "radfact"
    return path.name.split("_described")[0].split("_xl")[0]


def _value(form: str, text: str) -> Any:
    if form == "maira2":
        return text
    if text.lstrip().startswith(("{", "[")):
        return json.loads(text)
    return list(csv.reader(io.StringIO(text)))


def _round_trip(path: Path) -> None:
    form, text = _format(path), path.read_text("utf-8")
    graphs = [replace(graph, document=None) for graph in load(text)]
    assert _value(form, module(form).write(graphs)) == _value(form, text)
    # and after our own JSON, whose nodes may come in another order
    shuffled = []
    for graph in graphs:
        other = SceneGraph.from_json(graph.to_json())
        other.nodes = dict(reversed(other.nodes.items()))
        shuffled.append(other)
    assert _value(form, module(form).write(shuffled)) == _value(form, text)


@pytest.mark.parametrize("path", REAL.values(), ids=lambda path: path.name)
def test_real_documents_come_back_equal_from_the_graph_alone(path: Path) -> None:
    _round_trip(path)


@pytest.mark.parametrize("path", DESCRIBED, ids=lambda path: path.name)
def test_documents_written_from_a_description_come_back_equal(path: Path) -> None:
    _round_trip(path)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_documents_are_recognised_and_kept(path: Path) -> None:
    text = path.read_text("utf-8")
    assert recognise(text) == _format(path)
    assert recognise(path.read_bytes()) == _format(path)
    for graph in load(path):
        assert graph.document
        if path.suffix == ".json" and "ms_cxr" not in path.name:
            assert graph.document.strip() in text


def test_every_format_has_a_fixture() -> None:
    assert {_format(path) for path in ALL} == set(FORMATS) - {"oncograph"}


def test_through_the_store_the_same_document(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = explorer.open(tmp_path_factory.mktemp("formats") / "s.onco", create=True)
    for path in ALL:
        graphs = load(path)
        with store.transaction(path.name) as t:
            key = t.patient(path.name, synthetic=True)
            for k, graph in enumerate(graphs):
                # a run is told from others by what it looked at
                t.put_run(key, replace(graph, input=f"imports/{k}").run("import"))
        patient = store[key]
        rows = {name: derived(patient, name) for name in ("nodes", "edges")}
        back = {run["input"]: SceneGraph.of_rows(run, **rows) for run in derived(patient, "runs")}
        kept = [back[f"imports/{k}"] for k in range(len(graphs))]
        assert [one.document for one in kept] == [one.document for one in graphs]
        form, text = _format(path), path.read_text("utf-8")
        assert _value(form, module(form).write(kept)) == _value(form, text)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "7", '"a"', "a,b\n1,2", "<obj>", '{"a": {"text": 1}}', "[[[["],
)  # fmt: skip
def test_what_is_no_format_says_so(text: str) -> None:
    with pytest.raises(FormatError):
        load(text)


def test_unknown_formats_and_files(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="radgraph"):
        load("{}", "no_such")
    with pytest.raises(FormatError):
        load(tmp_path / "none.json")
    with pytest.raises(FormatError):
        load(b"\xff\xfe{}")


_ODD: list[Any] = [None, True, -1, 0.5, 10**18, 1e300, "", "=1+1", "<b>", [], {}, [[]], {"a": 1}]


def _spoil(value: Any, draw: Any) -> Any:
    """The document with one value changed, taken away or doubled."""
    paths = list(_paths(value, ()))
    path = draw(st.sampled_from(paths))
    if not path:
        return draw(st.sampled_from(_ODD))
    copied = json.loads(json.dumps(value))
    here = copied
    for step in path[:-1]:
        here = here[step]
    how = draw(st.sampled_from(("change", "change", "drop", "double")))
    if how == "drop":
        del here[path[-1]]
    elif how == "double" and isinstance(here, list):
        here.append(here[path[-1]])
    else:
        here[path[-1]] = draw(st.sampled_from(_ODD))
    return copied


def _paths(value: Any, path: tuple[Any, ...]) -> Any:
    yield path
    if isinstance(value, dict | list):
        for step, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(one, (*path, step))


def _try(form: str, source: Any) -> None:
    """A graph that can be written and read again, or a FormatError."""
    try:
        graphs = module(form).read(source)
    except FormatError:
        return
    for graph in graphs:
        graph.to_graphml()
        graph._repr_html_()
        SceneGraph.from_json(graph.to_json())
    if graphs:
        again = module(form).write(graphs)
        if form != "ms_cxr" and not isinstance(source, str):
            assert _value(form, again) == source


@pytest.mark.parametrize("path", JSON, ids=lambda path: path.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_spoilt_json_gives_a_graph_or_a_format_error(path: Path, data: st.DataObject) -> None:
    value = json.loads(path.read_text("utf-8"))
    if path == REAL["radfact"]:
        value = value[:2]
    for _ in range(data.draw(st.integers(1, 2))):
        value = _spoil(value, data.draw)
    _try(_format(path), value)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_spoilt_text_gives_a_graph_or_a_format_error(path: Path, data: st.DataObject) -> None:
    text = path.read_text("utf-8")[:3000] if path == REAL["radfact"] else path.read_text("utf-8")
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 6))
    put = data.draw(st.text('{}[]",:<>xy0159\n\\u\x00é', max_size=4))
    spoilt = text[:at] + put + text[at + gone :]
    _try(_format(path), spoilt)
    with suppress(FormatError):
        load(spoilt)

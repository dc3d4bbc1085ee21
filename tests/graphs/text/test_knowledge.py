from __future__ import annotations

from pathlib import Path

from graphs.text.knowledge import Knowledge
from graphs.text.lexicon import Lexicon


def test_at_least_forty_findings_with_texts_and_sources() -> None:
    rows = Knowledge.read().rows
    assert len(rows) >= 40
    assert len({one.source for one in rows}) == len(rows)
    for one in rows:
        assert one.source.startswith("oncograph.knowledge/")
        assert len(one.definition) > 15
        assert len(one.look) > 10
        assert one.entities


def test_names_lead_to_one_text() -> None:
    known = Knowledge.read()
    names = [name.lower() for one in known.rows for name in one.entities]
    headings = [name.lower() for one in known.rows for name in one.mesh]
    assert len(set(names)) == len(names)
    assert len(set(headings)) == len(headings)


def test_most_findings_are_entities_of_the_lexicon() -> None:
    entities = set(Lexicon.default().observations)
    rows = Knowledge.read().rows
    assert sum(bool(set(one.entities) & entities) for one in rows) >= 30


def test_looked_up_by_entity_and_by_heading() -> None:
    known = Knowledge.read()
    found = known.of("Pleural effusion")
    assert found is not None
    assert found == known.of_mesh("Pleural Effusion/left/small")
    assert known.of("nothing") is None
    assert known.of_mesh("normal") is None
    assert "Pneumothorax".lower() in known._repr_html_()


def test_coverage_lists_what_is_not_mapped() -> None:
    found = Knowledge.read().coverage(["Opacity/lung", "normal", "normal", "Zebra"])
    assert found.mapped == {"Opacity": "lung opacity"}
    assert found.unmapped == {"normal": 2, "Zebra": 1}
    assert str(found) == (
        "1 of 3 headings are mapped, 1 of 4 uses; unmapped: normal (2), Zebra (1)"
    )


def test_own_table(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("finding,entities,mesh,definition,look\nhalo sign,halo,,A rim.,A haze.\n")
    assert Knowledge.read(file).of("halo").source == "mine/halo-sign"  # type: ignore[union-attr]

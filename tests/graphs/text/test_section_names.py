from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import MapError
from graphs.text.section_names import SectionNames


def test_own_headers() -> None:
    names = SectionNames.read()
    assert names.name("Reason  for EXAM") == "indication"
    assert names.name("检查所见") == "findings"
    assert names.name("nothing") is None


def test_a_file_wins_over_the_package(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text(
        "# mine\nheader,section,language\nReport,impression,en\n", encoding="utf-8-sig"
    )
    assert SectionNames.read(table).name("report") == "impression"
    assert SectionNames.read().name("report") == "findings"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("section,header\nfindings,Befund\n", r"no column 'language'.*line 1"),
        ("section,language,header\n\n# x\nfindings,de,\n", r"empty.*line 4"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, body: str, said: str) -> None:
    table = tmp_path / "names.csv"
    table.write_text(body)
    with pytest.raises(MapError, match=said):
        SectionNames.read(table)

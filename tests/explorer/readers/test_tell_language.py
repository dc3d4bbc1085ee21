"""The language is told offline, and 'unknown' where the text does not say it."""

import pytest

from explorer.readers.tell_language import tell_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The heart is normal in size. The lungs are clear, without focal consolidation.", "en"),
        ("Kein Nachweis einer Lungenembolie, kein Pleuraerguss, keine Metastasen.", "de"),
        ("Geen aanwijzingen voor metastasen in de lever of de longen.", "nl"),
        ("Pas de lésion suspecte au niveau du foie ni des poumons.", "fr"),
        ("No se observan lesiones sospechosas en el hígado ni en los pulmones.", "es"),
        ("胸部CT: 右上葉に結節あり", "ja"),
    ],
)
def test_a_sentence_is_enough(text: str, code: str) -> None:
    told = tell_language(text)
    assert told.code == code
    assert 0.5 <= told.certainty <= 1
    assert told.method.startswith("py3langid ")


@pytest.mark.parametrize("text", ["", "Chest CT", "TUMOR", "1.00", "pT2 N0 M0, R0, L0, V0"])
def test_a_short_text_has_no_language(text: str) -> None:
    assert tell_language(text).code == "unknown"


def test_what_could_be_several_languages_is_unknown() -> None:
    told = tell_language("Adenocarcinoma in situ, carcinoma basocellulare, melanoma")
    assert told.code == "unknown" or told.certainty >= 0.5

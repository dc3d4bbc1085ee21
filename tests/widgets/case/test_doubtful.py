from __future__ import annotations

from widgets.case.doubtful import doubtful


def test_words_that_look_like_names() -> None:
    text = (
        "Findings: The nodule was seen by Dr. mueller. Yamamoto agrees. CT of the chest, T1. "
        "Signed O'Leary 1234567. [NAME] and [DATE]. Effusion; an effusion again. Yamamoto."
    )
    found = doubtful([text])
    assert [one.word for one in found] == ["mueller", "Yamamoto", "O'Leary", "1234567"]
    assert next(one for one in found if one.word == "Yamamoto").count == 2
    assert "agrees" in found[1].context
    assert doubtful([]) == []

"""Free text: identifiers out, dates moved, measurements left alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.privacy.identifiers import Identifiers
from explorer.privacy.scrub_text import clean_label, scrub_dates, scrub_text


@pytest.fixture
def own() -> Identifiers:
    found = Identifiers()
    found.add_name("O'Brien^Mary Ann^^Dr")
    found.add_name("Li^Wei")
    found.add_number("A-12345")
    found.add_birth("19500303")
    found.add_phone("+44 (0)20 7946 0958")
    found.add_place("12 Long Lane, Town")
    return found


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Mrs Mary Ann O'Brien", "Mrs [NAME] [NAME] [NAME]"),
        ("MARY o'brien", "[NAME] [NAME]"),
        ("Maryland stays", "Maryland stays"),
        ("Dr Li gave li 2 mg", "Dr [NAME] gave li 2 mg"),
        ("IBSI_A-12345_CT", "IBSI_[ID]_CT"),
        ("3 March 1950, 03.03.1950, 19500303", "[BIRTH DATE], [BIRTH DATE], [BIRTH DATE]"),
        ("of 12  Long Lane, Town", "of [ADDRESS]"),
        ("+44 (0)20 7946-0958", "[PHONE]"),
        ("write to a.b@c.org or https://x.y/z", "write to [MAIL] or [LINK]"),
        ("93-year-old, aged 95, 45-year-old", "[AGE 90+]-year-old, aged [AGE 90+], 45-year-old"),
        ("12 x 8 mm, 2010 HU, SUV 12.1, 1.2.3", "12 x 8 mm, 2010 HU, SUV 12.1, 1.2.3"),
        ("CT 2011-03-04 and 13/04/2011", "CT [DATE 2011-02-22] and [DATE 2011-04-03]"),
        ("March 5th, 2012 or 5-Mar-2012", "[DATE 2012-02-24] or [DATE 2012-02-24]"),
        ("03/04/2011 can be read in two ways", "[DATE] can be read in two ways"),
        ("since 2009, in 03/2010, Feb 2008", "since [DATE], in [DATE], [DATE]"),
        ("2011-02-30 is no day", "[DATE] is no day"),
    ],
)  # fmt: skip
def test_a_sentence(said: str, left: str, own: Identifiers) -> None:
    assert scrub_text(said, own, -10) == left


def test_without_a_shift_every_date_goes(own: Identifiers) -> None:
    assert scrub_text("on 2011-03-04", own, None) == "on [DATE]"


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(-3652, -1),
    st.sampled_from(
        ["{0:%Y-%m-%d}", "{0:%Y%m%d}", "{0.day} {0:%B} {0:%Y}", "{0:%b} {0.day}, {0:%Y}"]
    ),
)  # fmt: skip
def test_dates_keep_their_distance(day: date, shift: int, form: str) -> None:
    moved = day + timedelta(days=shift)
    assert scrub_dates(f"seen {form.format(day)}.", shift) == f"seen [DATE {moved}]."


@given(st.text(max_size=300))
def test_nothing_raises_and_names_are_gone(text: str) -> None:
    own = Identifiers()
    own.add_name("Qzxname^Given")
    found = scrub_text(f"{text} QZXNAME {text}", own, -5)
    assert "qzxname" not in found.lower()


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("GTV_Mass_CT", "GTV_Mass_CT"),
        ("Thorax^1HEAD_NECK_PETCT", "Thorax^1HEAD_NECK_PETCT"),
        ("brain Mary", "brain"),
        ("Neoplasm, Primary", "Neoplasm, Primary"),
        ("A-12345 liver", "liver"),
        ("Unheardof", ""),
        ("ep2d diff b1000 12345", "b1000"),
    ],
)
def test_a_label_keeps_known_words_alone(said: str, left: str, own: Identifiers) -> None:
    assert clean_label(said, own) == left

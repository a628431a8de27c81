"""Lines of a list of addresses: what they mean, and that nothing else is taken for something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_layers.districts.lines import Numbers, Span, lines_of, numbers_of

NUMBERS = ["1", "2", "7", "7a", "8", "12/14", "15", "15a", "16", "100", "bn"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", NUMBERS),
        ("cała", NUMBERS),
        ("7", ["7"]),
        ("nr 7 A", ["7a"]),
        ("7, 7a; 8 i 12/14", ["7", "7a", "8", "12/14"]),
        ("1-15", ["1", "2", "7", "7a", "8", "12/14", "15", "15a"]),
        ("1 – 15 nieparzyste", ["1", "7", "7a", "15", "15a"]),
        ("od 8 do 16 parzyste", ["8", "12/14", "16"]),
        ("od 16", ["16", "100"]),
        ("do 2", ["1", "2"]),
        ("parzyste", ["2", "8", "12/14", "16", "100"]),
        ("nieparzyste od 8, 2", ["2", "15", "15a"]),
    ],
)
def test_numbers_are_read_as_resolutions_write_them(text, meant):
    numbers = numbers_of(text)
    assert [number for number in NUMBERS if numbers.hold(number)] == meant


@pytest.mark.parametrize(
    "text",
    [
        "15-1",
        "1-15a",
        "1x5",
        "parzyste 1-15 nieparzyste",
        "-",
        "przy lesie",
        "999999",
        "1..5",
        "7,,8",
    ],
)
def test_what_is_not_understood_is_not_guessed(text):
    assert numbers_of(text) is None


@given(
    st.integers(0, 99_999),
    st.integers(0, 99_999),
    st.sampled_from(["", "parzyste", "nieparzyste"]),
    st.integers(0, 99_999),
)
def test_a_span_holds_the_numbers_between_its_ends_of_its_parity(low, high, parity, number):
    numbers = numbers_of(f"{low}-{high} {parity}")
    if high < low:
        assert numbers is None
    else:
        fits = not parity or (number % 2 == 0) == (parity == "parzyste")
        assert numbers.hold(f"{number}c") == (low <= number <= high and fits)


@given(st.text(max_size=40))
def test_any_text_is_numbers_or_none(text):
    numbers = numbers_of(text)
    assert numbers is None or isinstance(numbers.hold("1a"), bool)


def test_a_number_without_digits_lies_in_no_span():
    assert not Numbers(spans=(Span(),)).hold("b.n.")


def test_empty_and_repeated_lines_say_nothing():
    assert lines_of(" Główna  1 \r\n\n Polna\nGłówna 1") == ["Główna 1", "Polna"]

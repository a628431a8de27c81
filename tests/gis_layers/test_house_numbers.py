"""What officers write of house numbers, and what it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_layers.house_numbers import NumbersUnclear, main_number, parse, pick, written

STREET = [
    "1",
    "2",
    "2A",
    "3",
    "7",
    "12",
    "25",
    "25B",
    "26",
    "30",
    "32A",
    "32B",
    "32D",
    "40/42",
    "99",
]


def taken(text):
    return [STREET[position] for position in pick(parse(text), STREET).taken]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1–25 nieparzyste", ["1", "3", "7", "25", "25B"]),
        ("1-25 nieparz.", ["1", "3", "7", "25", "25B"]),
        ("od 2 do 12 parzyste", ["2", "2A", "12"]),
        ("30, 32A–C", ["30", "32A", "32B"]),
        ("32 a - b", ["32A", "32B"]),
        ("od 40 do końca", ["40/42", "99"]),
        ("od 40", ["40/42", "99"]),
        ("od 40 parzyste", ["40/42"]),
        ("cała", STREET),
        ("40+", ["40/42", "99"]),
        ("do 3", ["1", "2", "2A", "3"]),
        ("nr 7; nr 12", ["7", "12"]),
        ("7 i 12", ["7", "12"]),
        ("2a", ["2A"]),
        ("2", ["2"]),
        ("40/42", ["40/42"]),
        ("parzyste", ["2", "2A", "12", "26", "30", "32A", "32B", "32D", "40/42"]),
        ("wszystkie", STREET),
    ],
)
def test_a_text_takes_what_its_words_say(text, numbers):
    assert taken(text) == numbers


def test_what_is_named_and_not_there_is_told():
    found = pick(parse("30, 31, 32A–C, 50–60"), STREET)
    assert found.missing == ("31", "32C", "50–60")


@pytest.mark.parametrize(
    "text",
    ["", " , ", "abc", "25–1", "32C–A", "1–25 może", "12345", "-3", "1--2", "x" * 501, "<b>"],
)
def test_what_is_unclear_is_refused_and_named(text):
    with pytest.raises(NumbersUnclear):
        parse(text)


def test_the_refusal_names_the_piece_and_not_the_whole():
    with pytest.raises(NumbersUnclear) as refused:
        parse("1–25, dalej też, 30")
    assert refused.value.details["text"] == "dalej też"


numbers = st.integers(1, 300)


@given(st.lists(numbers, max_size=30), numbers, numbers, st.sampled_from(["", " parzyste", " np."]))
def test_a_range_takes_exactly_the_numbers_between_its_ends(street, one, other, parity):
    first, last = sorted((one, other))
    listed = [str(number) for number in street]
    wanted = {"": (0, 1), " parzyste": (0,), " np.": (1,)}[parity]
    expected = [n for n, each in enumerate(street) if first <= each <= last and each % 2 in wanted]
    assert list(pick(parse(f"{first}–{last}{parity}"), listed).taken) == expected


@given(st.text(max_size=30))
def test_any_text_is_understood_or_refused(text):
    try:
        items = parse(text)
    except NumbersUnclear:
        return
    assert items


@given(st.from_regex(r"[0-9]{1,4}[a-zA-Z]?", fullmatch=True))
def test_a_number_takes_itself(number):
    assert pick(parse(number), [number]).taken == (0,)
    assert written(written(number)) == written(number)
    assert main_number(number) == int(
        number.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    )

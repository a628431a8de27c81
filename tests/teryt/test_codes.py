"""Codes are text with their zeros, checked digit by digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teryt.codes import Terc, parse_simc, parse_terc, parse_ulic, simc_check_digit
from teryt.errors import MalformedCode


@pytest.mark.parametrize(
    ("code", "parts", "terc6", "parent"),
    [
        ("24", ("24", "", "", ""), "", None),
        ("2463", ("24", "63", "", ""), "", "24"),
        ("2463011", ("24", "63", "01", "1"), "246301", "2463"),
        ("0201022", ("02", "01", "02", "2"), "020102", "0201"),
    ],
)
def test_terc_is_taken_apart(code, parts, terc6, parent):
    terc = parse_terc(code)
    assert terc == Terc(*parts)
    assert (str(terc), terc.terc6) == (code, terc6)
    assert (str(terc.parent) if terc.parent else None) == parent


@pytest.mark.parametrize(
    "bad", ["", "2", "246", "24630", "246301", "2463016", "24630111", "24a3011", "٢٤", 201011, None]
)
def test_what_is_no_terc_is_refused(bad):
    with pytest.raises(MalformedCode):
        parse_terc(bad)


@pytest.mark.parametrize("code", ["0938887", 938887, " 0938887 ", "0144259"])
def test_simc_keeps_or_gets_back_its_zeros(code):
    assert parse_simc(code) in {"0938887", "0144259"}


@pytest.mark.parametrize("bad", ["", "0", "0938888", "938878", "09388871", "abcdefg", 3.5, None])
def test_what_is_no_simc_is_refused(bad):
    with pytest.raises(MalformedCode) as refused:
        parse_simc(bad)
    assert refused.value.details["register"] == "SIMC"


@given(st.integers(0, 999_999), st.integers(0, 5), st.integers(1, 9))
def test_one_wrong_digit_of_simc_is_noticed_but_for_the_tens_that_count_as_noughts(n, at, change):
    digits = f"{n:06}"
    wrong = digits[:at] + str((int(digits[at]) + change) % 10) + digits[at + 1 :]
    total = sum(int(d) * w for d, w in zip(digits, range(2, 8), strict=True)) % 11
    if total % 10 != sum(int(d) * w for d, w in zip(wrong, range(2, 8), strict=True)) % 11 % 10:
        with pytest.raises(MalformedCode):
            parse_simc(wrong + simc_check_digit(digits))


@pytest.mark.parametrize(("code", "parsed"), [("06012", "06012"), (6012, "06012"), ("1", "00001")])
def test_ulic_keeps_or_gets_back_its_zeros(code, parsed):
    assert parse_ulic(code) == parsed


@pytest.mark.parametrize("bad", ["", "0", "123456", "12a", "-1", None])
def test_what_is_no_ulic_is_refused(bad):
    with pytest.raises(MalformedCode):
        parse_ulic(bad)

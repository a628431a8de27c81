"""Names in one form, streets as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teryt.names import normal_form, split_type, street_label


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Główna", "glowna"),
        ("ul. ŹRÓDLANA", "ul zrodlana"),
        ("Żwirki i Wigury", "zwirki i wigury"),
        ("Marii Skłodowskiej-Curie", "marii sklodowskiej curie"),
        ("3 Maja", "3 maja"),
        ("  al.  „Solidarności”  ", "al solidarnosci"),
        ("Straße", "strasse"),
        ("a_b", "a b"),
        ("—", ""),
    ],
)
def test_normal_form(name, form):
    assert normal_form(name) == form


@given(st.text())
def test_normal_form_of_a_normal_form_is_itself(text):
    assert normal_form(normal_form(text)) == normal_form(text)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Główna", "ul. Główna"),
        ("ulica Główna", "ul. Główna"),
        ("ul. Główna", "ul. Główna"),
        ("Aleja Główna", "al. Główna"),
        ("ALEJA GŁÓWNA", "al. GŁÓWNA"),
        ("al. Główna", "al. Główna"),
        ("Aleje Jerozolimskie", "al. Jerozolimskie"),
        ("Plac Mistrzów", "pl. Mistrzów"),
        ("Osiedle Młodych", "os. Młodych"),
        ("Rondo Klimzowiec", "Rondo Klimzowiec"),
        ("Rynek", "Rynek"),
        ("Promenada Ziętka", "Promenada Ziętka"),
        ("Alejka Obserwatorów Przyrody", "Alejka Obserwatorów Przyrody"),
        ("Parkowa", "ul. Parkowa"),
        ("Rondowa", "ul. Rondowa"),
        ("Plac", "ul. Plac"),
    ],
)
def test_a_street_is_called_as_people_read_it(name, label):
    assert street_label(name) == label
    assert street_label(label) == label


def test_a_name_that_is_only_a_type_keeps_it():
    assert split_type("Aleja") == ("", "Aleja")

"""Which column means what: named by the officer, else guessed, never made up."""

import pytest

from gis_layers.imports.columns import choose
from gis_layers.imports.file_errors import FieldMissing


@pytest.mark.parametrize(
    ("kind", "there", "found"),
    [
        ("district", ["id", "osiedle"], {"name": "osiedle"}),
        ("district", ["cartodb_id", "name"], {"name": "name"}),
        ("district", ["NAZWA", "osiedle"], {"name": "NAZWA"}),
        ("street", ["ULICA", "SYM_UL"], {"name": "ULICA", "code": "SYM_UL"}),
        ("teryt_unit", ["JPT_KOD_JE", "JPT_NAZWA_"], {"code": "JPT_KOD_JE", "name": "JPT_NAZWA_"}),
        ("address", ["ulica", "numer"], {"street": "ulica", "number": "numer"}),
        ("custom", ["osiedle", "fid"], {}),
    ],
)
def test_usual_columns_are_guessed_and_others_left_alone(kind, there, found):
    assert choose(kind, there, {}, ()).of == found


def test_what_the_officer_names_overrules_a_guess():
    columns = choose("street", ["name", "stara_nazwa"], {"name": "stara_nazwa"}, ["name"])
    assert columns.of == {"name": "stara_nazwa"}
    assert columns.all() == ["stara_nazwa", "name"]


@pytest.mark.parametrize(("named", "kept"), [({"name": "nope"}, ()), ({}, ("nope",))])
def test_a_column_that_is_not_there_is_refused_with_those_that_are(named, kept):
    with pytest.raises(FieldMissing) as refused:
        choose("street", ["a", "b"], named, kept)
    assert refused.value.details == {"name": "nope", "columns": "a, b"}

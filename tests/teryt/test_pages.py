"""The operator's page of the registers: loads all files or none, for nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from teryt.models import Locality, Release, Unit
from tests.builders import make_gmina, make_user, sign_in
from tests.teryt.register_files import BYTOM, CHORZOW, PART, SIMC, TERC, TOWN, as_csv

pytestmark = pytest.mark.django_db
PAGE = "/operator/registers/"


def at_desk(user):
    client = sign_in(Client(), user)
    client.cookies["lang"] = "en"
    return client


@pytest.fixture
def operator():
    return at_desk(make_user("ola@operator.example", is_operator=True))


def upload(text, name="register.csv"):
    return SimpleUploadedFile(name, text.encode())


def test_files_are_loaded_in_the_order_of_the_registers_and_listed(operator):
    simc, terc = upload(as_csv(SIMC, TOWN, PART)), upload(as_csv(TERC, CHORZOW, BYTOM))
    answer = operator.post(PAGE, {"SIMC": simc, "TERC": terc}, follow=True)
    text = answer.content.decode()
    assert "TERC of 1 January 2025 is loaded: 2 added, 0 removed." in text
    assert list(Release.objects.values_list("register", flat=True)) == ["SIMC", "TERC"]
    assert text.count('<td data-label="Who">Ola</td>') == 2


def test_one_bad_file_keeps_all_of_them_out(operator):
    broken = upload(as_csv(SIMC, ["x", *TOWN[1:]]), "ż" * 200 + "SIMC.csv")
    answer = operator.post(PAGE, {"TERC": upload(as_csv(TERC, CHORZOW)), "SIMC": broken})
    assert "żSIMC.csv, line 2" in answer.content.decode()
    assert not Release.objects.exists()
    assert not Unit.objects.exists()
    assert not Locality.objects.exists()


def test_file_in_the_wrong_field_is_refused(operator):
    answer = operator.post(PAGE, {"SIMC": upload(as_csv(TERC, CHORZOW))})
    assert "SIMC was expected" in answer.content.decode()
    assert not Unit.objects.exists()


def test_older_file_is_loaded_only_if_it_is_meant(operator):
    operator.post(PAGE, {"TERC": upload(as_csv(TERC, CHORZOW))})
    older = as_csv(TERC, [*CHORZOW[:6], "2024-01-01"])
    operator.post(PAGE, {"TERC": upload(older)})
    assert Release.objects.count() == 1
    operator.post(PAGE, {"TERC": upload(older), "force": "on"})
    assert Release.objects.count() == 2


def test_nothing_chosen_is_told(operator):
    assert "Choose at least one file." in operator.post(PAGE).content.decode()


def test_there_is_no_such_page_for_others():
    admin = at_desk(make_user("adam@a.example", "admin", gmina=make_gmina()))
    assert admin.get(PAGE).status_code == 404
    assert admin.post(PAGE, {"TERC": upload(as_csv(TERC, CHORZOW))}).status_code == 404
    assert not Unit.objects.exists()

"""Templates as people write and approve them, and as the composer gets them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import message_templates
from dispatch.message_templates import Wording
from dispatch.models import Template
from tests.builders import make_gmina, make_kind, make_user, sign_in

pytestmark = pytest.mark.django_db
LIST = "/staff/testowo/templates/"
NEW = f"{LIST}new/"
API = "/api/v1/gminas/testowo/templates"
WORDS = {
    "title": "Awaria wody",
    "severity": "important",
    "pl_title": "Brak wody: {{ulica}}",
    "pl_body": "Do godz. {{godzina}}\r\nnie ma wody.",
    "pl_instruction": "",
    "en_title": "",
    "en_body": "",
    "en_instruction": "",
}


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def kind(gmina):
    return make_kind(gmina, "woda")


@pytest.fixture
def anna(client, gmina):
    """The administrator, signed in."""
    anna = make_user("anna@example.pl", "admin", gmina=gmina)
    sign_in(client, anna)
    return anna


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


@pytest.fixture
def template(gmina, kind):
    author = make_user("celina@example.pl", "approver", gmina=gmina)
    texts = {"pl": {"title": "Brak wody: {{ulica}}", "body": "Do 18:00.", "instruction": ""}}
    return message_templates.create(
        gmina, Wording("Awaria wody", kind, "important", texts), by=author
    )


def url(template):
    return f"{LIST}{template.pk}/"


def text(response):
    return response.content.decode()


def refused(response):
    """Beside a field, or above them all."""
    marks = ('class="errorlist"', 'role="alert"')
    return response.status_code == 200 and any(mark in text(response) for mark in marks)


def test_a_template_is_written_and_waits_for_another(client, anna, kind):
    answer = client.post(NEW, {**WORDS, "kind": kind.pk, "act": "change"})
    template = Template.objects.get()
    assert answer["Location"] == url(template)
    assert template.approved_at is None
    assert (
        message_templates.words_of(template)["pl"]["body"] == "Do godz. {{godzina}}\nnie ma wody."
    )
    assert "ulica, godzina" in text(client.get(LIST))
    assert 'value="approve"' not in text(client.get(url(template)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pl_title": ""},
        {"pl_body": "  "},
        {"title": "x" * 101},
        {"severity": "terrible"},
        {"kind": 999_999},
        {"pl_body": "Do godz. {{godzina"},
        {"pl_body": "Do godz. {{}}"},
        {"pl_body": " ".join(f"{{{{b{n}}}}}" for n in range(21))},
        {"pl_body": "ą" * 2100},
        {"en_title": "No water"},
        {"en_instruction": "Boil it."},
    ],
)
def test_what_is_wrong_is_refused_and_kept_nowhere(client, anna, kind, wrong):
    assert refused(client.post(NEW, {**WORDS, "kind": kind.pk, **wrong}))
    assert not Template.objects.exists()


def test_two_templates_in_use_never_have_one_name(client, anna, kind, template):
    new = {**WORDS, "kind": kind.pk}
    assert refused(client.post(NEW, new))
    client.post(url(template), {"act": "retire"})
    assert client.post(NEW, new).status_code == 302


def test_an_approver_who_did_not_write_it_approves_what_they_read(client, bartek, template):
    sign_in(client, bartek)
    assert template.changed_at.isoformat() in text(client.get(url(template)))
    old = {"act": "approve", "changed_at": "2026-01-01T00:00:00+00:00"}
    client.post(url(template), old)
    assert Template.objects.get().approved_at is None
    client.post(url(template), {**old, "changed_at": template.changed_at.isoformat()})
    assert Template.objects.get().approved_by_id == bartek.pk


def test_neither_its_author_nor_an_administrator_approves_it(client, anna, template, bartek):
    form = {"act": "approve", "changed_at": template.changed_at.isoformat()}
    client.post(url(template), form)
    Template.objects.update(changed_by_id=bartek.pk)
    sign_in(client, bartek)
    client.post(url(template), form)
    assert Template.objects.get().approved_at is None


def test_a_change_has_to_be_approved_again(client, anna, bartek, template):
    message_templates.approve(template, by=bartek, changed_at=template.changed_at.isoformat())
    page = {**WORDS, "kind": template.kind_id, "act": "change"}
    assert client.post(url(template), page)["Location"] == LIST
    assert Template.objects.get().approved_at is None


def test_a_retired_template_is_gone_from_pages_and_composer(client, bartek, template):
    sign_in(client, bartek)
    client.post(url(template), {"act": "retire"})
    assert client.get(url(template)).status_code == 404
    assert client.get(API).json() == []
    assert "Awaria wody" not in text(client.get(LIST))


def test_another_gminas_templates_are_not_here(client, anna):
    other = make_gmina("obok")
    words = {"pl": {"title": "x", "body": "y", "instruction": ""}}
    wording = Wording("Obcy", make_kind(other), "info", words)
    theirs = message_templates.create(other, wording, by=anna)
    assert client.get(url(theirs)).status_code == 404
    assert client.post(url(theirs), {"act": "retire"}).status_code == 404
    assert "Obcy" not in text(client.get(LIST))


def test_editors_choose_among_them_but_write_none(client, gmina, template):
    sign_in(client, make_user("dorota@example.pl", "editor", gmina=gmina))
    assert client.get(LIST).status_code == 403
    assert client.get(API).json() == [
        {
            "id": template.pk,
            "title": "Awaria wody",
            "kind": "woda",
            "category": "awaria",
            "severity": "important",
            "approved": False,
            "blanks": ["ulica"],
            "texts": {
                "pl": {"title": "Brak wody: {{ulica}}", "body": "Do 18:00.", "instruction": ""}
            },
        }
    ]


def test_who_writes_no_alerts_gets_no_templates(client, anna, template):
    assert client.get(API).status_code == 403


def test_a_template_of_a_kind_out_of_use_is_not_offered(client, bartek, template):
    sign_in(client, bartek)
    template.kind.active = False
    template.kind.save()
    assert client.get(API).json() == []


# ── Alerts written from one ─────────────────────────────────────────────────────────────────────

ALERTS = "/api/v1/gminas/testowo/alerts"


def draft(template):
    expires_at = (timezone.now() + timedelta(days=1)).isoformat()
    return {
        "kind": "woda",
        "severity": "important",
        "expires_at": expires_at,
        "template": template,
    }


def send(call, path, body):
    return call(path, body, content_type="application/json")


@pytest.fixture
def dorota(client, gmina):
    """An editor, signed in."""
    dorota = make_user("dorota@example.pl", "editor", gmina=gmina)
    sign_in(client, dorota)
    return dorota


def test_a_draft_knows_the_template_it_was_written_from(client, dorota, template):
    made = send(client.post, ALERTS, draft(template.pk)).json()
    assert made["template"] == template.pk
    url = f"{ALERTS}/{made['ref']}"
    assert send(client.patch, url, {"severity": "info"}).json()["template"] == template.pk
    assert send(client.patch, url, {"template": None}).json()["template"] is None


def test_a_draft_keeps_a_template_that_went_out_of_use(client, dorota, template):
    made = send(client.post, ALERTS, draft(template.pk)).json()
    message_templates.retire(template, by=dorota)
    url = f"{ALERTS}/{made['ref']}"
    assert send(client.patch, url, {"template": template.pk}).status_code == 200
    assert send(client.post, ALERTS, draft(template.pk)).json()["code"] == "unknown_template"


def test_another_gminas_template_is_unknown(client, dorota, template):
    Template.objects.update(gmina=make_gmina("obok"))
    answer = send(client.post, ALERTS, draft(template.pk))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_template")
    assert send(client.post, ALERTS, draft(2**70)).status_code == 400

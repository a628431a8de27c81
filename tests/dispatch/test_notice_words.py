"""Every kind of notice says what happened and leads somewhere, in both languages."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from dispatch import notice_words, notices
from dispatch.models import StaffNotice
from dispatch.notices import Notice
from tests.builders import make_alert, make_gmina, make_user

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # six in the evening in Poland


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@example.pl", "editor", gmina=gmina)


@pytest.fixture
def alert(gmina, anna):
    alert = make_alert(gmina, author_id=anna.pk, event_ends_at=MOMENT, send_at=MOMENT)
    alert.texts.create(lang="pl", title="Brak {wody} %s", body="x")
    return alert


def told(what, alert, anna, **data):
    notices.notify(what, gmina=alert.gmina, alert=alert, to=[anna.pk], **data)
    return StaffNotice.objects.get()


@pytest.mark.parametrize("lang", ["pl", "en"])
@pytest.mark.parametrize("what", Notice)
def test_every_kind_has_words_and_a_page(what, lang, alert, anna, client):
    notice = told(what, alert, anna)
    with translation.override(lang):
        headline, sentence = notice_words.headline(notice), notice_words.sentence(notice)
    assert headline
    assert "{title}" not in sentence
    if what != Notice.CREDENTIALS_FAILED:
        assert "Brak {wody} %s" in sentence
    assert notice_words.path(notice) == f"/staff/testowo/alerts/{alert.ref}/"


@pytest.mark.parametrize("what", [Notice.EVENT_ENDING, Notice.START_MISSED, Notice.STARTED_LATE])
def test_an_instant_is_told_by_polish_clocks(what, alert, anna):
    with translation.override("pl"):
        assert "1 grudnia 2026, 18:00" in notice_words.sentence(told(what, alert, anna))


def test_the_caller_may_name_the_instant_and_the_share(alert, anna):
    later = told(Notice.STARTED_LATE, alert, anna, when=MOMENT.replace(hour=20))
    with translation.override("pl"):
        assert "21:00" in notice_words.sentence(later)
    later.delete()
    assert "17" in notice_words.sentence(told(Notice.FAILURES_HIGH, alert, anna, percent=17))


def test_without_an_alert_it_leads_to_the_list(gmina, anna):
    notices.notify(Notice.CREDENTIALS_FAILED, gmina=gmina, to=[anna.pk])
    assert notice_words.path(StaffNotice.objects.get()) == "/staff/testowo/notices/"

"""The staff pages of alerts: what they list, to whom, in which words."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from audit.verbs import Verb
from dispatch import payload
from dispatch.models import AlertUpdate
from tests.builders import (
    aim,
    at,
    line,
    make_alert,
    make_device,
    make_gmina,
    make_kind,
    make_message,
    make_street,
    make_user,
    sign_in,
    told,
)

pytestmark = pytest.mark.django_db
STAFF = "/staff/testowo/"


@pytest.fixture
def gmina():
    gmina = make_gmina("testowo")
    make_kind(gmina, "woda")
    return gmina


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "editor", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@a.example", "approver", gmina=gmina)


def at_desk(user):
    """The user's browser, in English: the catalogues are tested elsewhere."""
    client = sign_in(Client(), user)
    client.cookies["lang"] = "en"
    return client


def page(user, path=""):
    answer = at_desk(user).get(STAFF + path)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def config(html, name):
    """What the page hands to one of its islands."""
    [text] = re.findall(rf'<script id="{name}" type="application/json">(.*?)</script>', html)
    return json.loads(text)


def titled(gmina, title, **fields):
    alert = make_alert(gmina, **fields)
    alert.texts.create(lang="pl", title=title, body=f"Treść: {title}")
    return alert


class TestStart:
    @pytest.mark.parametrize(
        ("role", "first"),
        [("editor", ""), ("auditor", ""), ("hotline", "lookup/"), ("gis", "layers/")],
    )
    def test_leads_to_the_page_that_the_role_works_on(self, gmina, role, first):
        user = make_user("x@a.example", role, gmina=gmina)
        assert at_desk(user).get("/staff/").url == STAFF + first

    def test_lets_who_works_for_two_gminas_choose(self, gmina, anna):
        other = make_gmina("drugie", name="Drugie")
        Membership.objects.create(user=anna, gmina=other, role="hotline")
        html = at_desk(anna).get("/staff/").content.decode()
        assert f'href="{STAFF}"' in html
        assert 'href="/staff/drugie/lookup/"' in html

    def test_says_so_to_who_has_no_role(self, db):
        assert "no role" in at_desk(make_user("x@a.example")).get("/staff/").content.decode()


class TestDesk:
    def test_teaches_while_there_is_nothing(self, anna):
        assert "three steps" in page(anna)

    def test_shows_what_runs_what_waits_and_ones_own_drafts(self, gmina, anna, bartek):
        titled(gmina, "Trwający", state="active")
        titled(gmina, "Czekający", state="awaiting_approval")
        titled(gmina, "Mój szkic", state="draft", author_id=anna.pk)
        titled(gmina, "Cudzy szkic", state="draft", author_id=bartek.pk)
        titled(gmina, "Dawny", state="ended", end_reason="all_clear")
        html = page(anna)
        shown = [
            t for t in ("Trwający", "Czekający", "Mój szkic", "Cudzy szkic", "Dawny") if t in html
        ]
        assert shown == ["Trwający", "Czekający", "Mój szkic"]

    def test_is_not_for_the_hotline(self, gmina):
        iga = make_user("iga@a.example", "hotline", gmina=gmina)
        assert at_desk(iga).get(STAFF).status_code == 403

    def test_shows_nothing_of_another_gmina(self, anna):
        titled(make_gmina("drugie"), "Cudzy", state="active")
        assert "Cudzy" not in page(anna)


class TestHistory:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"Brak wody", "Festyn", "Burza"}),
            ("?q=brak", {"Brak wody"}),
            ("?q=treść: festyn", {"Festyn"}),
            ("?category=wydarzenie", {"Festyn"}),
            ("?state=running", {"Brak wody"}),
            ("?state=ended", {"Burza"}),
            ("?state=running&category=wydarzenie", set()),
            ("?category=nie-ma&page=xyz", {"Brak wody", "Festyn", "Burza"}),
        ],
    )
    def test_is_narrowed_by_words_category_and_state(self, gmina, anna, query, found):
        make_kind(gmina, "kultura", category="wydarzenie")
        make_kind(gmina, "burza", category="ostrzezenie")
        titled(gmina, "Brak wody", state="sending")
        titled(gmina, "Festyn", kind="kultura", state="draft", author_id=anna.pk)
        titled(gmina, "Burza", kind="burza", state="ended", end_reason="expired")
        html = page(anna, f"alerts/{query}")
        assert {
            title for title in ("Brak wody", "Festyn", "Burza") if f">{title}</a>" in html
        } == found

    def test_goes_on_from_page_to_page_with_its_filters(self, gmina, anna):
        for n in range(21):
            titled(gmina, f"Alert {n}", state="active")
        first = page(anna, "alerts/?state=running")
        assert "state=running&amp;page=2" in first
        second = page(anna, "alerts/?state=running&page=2")
        assert ">Alert 0</a>" in second
        assert ">Alert 1</a>" not in second

    def test_masks_small_audiences_and_tells_nobody_from_hidden(self, gmina, anna):
        few = {"residents": {"count": None, "masked": True, "below": 5}}
        seen = {"state": "awaiting_approval", "seen_residents": 3}
        titled(gmina, "Mały", seen_told=few, **seen)
        assert "fewer than 5 people" in page(anna, "alerts/")
        titled(gmina, "Nie powiedziano", **seen)
        html = page(anna, "alerts/")
        assert html.count("people with the app") == html.count("fewer than 5 people") == 1

    def test_a_long_area_is_told_by_its_start(self, gmina, anna):
        alert = titled(gmina, "Wiele", state="active")
        for n in range(5):
            alert.parts.create(position=n, kind="locality", simc=f"000000{n}", label=f"Wieś {n}")
        assert "Wieś 0, Wieś 1, Wieś 2 and 2 more" in page(anna, "alerts/")


class TestAlertPage:
    def test_shows_the_exact_text_and_who_did_what(self, gmina, anna, bartek):
        alert = titled(gmina, "Brak <wody>", state="awaiting_approval", author_id=anna.pk)
        for verb in (
            Verb.ALERT_DRAFTED,
            Verb.ALERT_EDITED,
            Verb.ALERT_EDITED,
            Verb.ALERT_SUBMITTED,
        ):
            record(verb, by=anna, gmina=gmina, target_kind="alert", target_id=alert.ref)
        html = page(bartek, f"alerts/{alert.ref}/")
        assert "Brak &lt;wody&gt;" in html
        assert html.count("Draft changed (Anna)") == 1, "changes in a row are told once"
        assert html.index("Handed over for approval (Anna)") < html.index("Draft made (Anna)")

    def test_offers_each_person_what_the_person_may_do(self, gmina, anna, bartek):
        alert = titled(
            gmina,
            "A",
            state="awaiting_approval",
            author_id=anna.pk,
            seen_residents=340,
            seen_told=told(340, 402),
        )
        offered = config(page(bartek, f"alerts/{alert.ref}/"), "moves-config")
        assert offered["moves"] == ["return", "approve"]
        assert offered["residents"] == {"count": 340, "masked": False, "below": None}
        assert config(page(anna, f"alerts/{alert.ref}/"), "moves-config")["moves"] == ["recall"]

    def test_the_button_carries_the_exact_instant_of_what_is_shown(self, gmina, bartek):
        submitted_at = timezone.now().replace(microsecond=123_456)
        alert = titled(gmina, "A", state="awaiting_approval", submitted_at=submitted_at)
        offered = config(page(bartek, f"alerts/{alert.ref}/"), "moves-config")
        assert offered["submitted_at"] == submitted_at.isoformat()

    @pytest.mark.parametrize("path", ["", "edit/"])
    def test_tells_the_author_what_is_to_be_corrected(self, gmina, anna, path):
        alert = titled(gmina, "A", state="draft", return_reason="Która <ulica>?")
        assert "Która &lt;ulica&gt;?" in page(anna, f"alerts/{alert.ref}/{path}")
        alert.return_reason = ""
        alert.save()
        assert "note-caution" not in page(anna, f"alerts/{alert.ref}/")

    def test_says_that_ones_own_alert_waits_for_somebody_else(self, gmina, bartek):
        alert = titled(gmina, "A", state="awaiting_approval", author_id=bartek.pk)
        own = config(page(bartek, f"alerts/{alert.ref}/"), "moves-config")
        assert (own["moves"], own["waits_for_other"]) == (["recall", "return"], True)
        gmina.two_person_rule = False
        gmina.save()
        own = config(page(bartek, f"alerts/{alert.ref}/"), "moves-config")
        assert (own["moves"], own["waits_for_other"]) == (["recall", "return", "approve"], False)

    def test_a_running_alert_can_be_updated_extended_ended_or_withdrawn(self, gmina, anna):
        alert = titled(gmina, "A", state="active")
        offered = config(page(anna, f"alerts/{alert.ref}/"), "moves-config")
        assert offered["moves"] == ["withdraw", "update", "extend", "all-clear"]
        assert (offered["is_end_asked"], offered["update"]) == (False, None)

    @pytest.mark.parametrize(
        ("ends_in_min", "asked", "expected"),
        [(-10, False, True), (20, False, True), (120, False, False), (120, True, True)],
    )
    def test_near_its_expected_end_it_asks_whether_the_event_goes_on(
        self, gmina, anna, ends_in_min, asked, expected
    ):
        now = timezone.now()
        alert = titled(
            gmina,
            "A",
            state="active",
            event_ends_at=now + timedelta(minutes=ends_in_min),
            end_asked_at=now if asked else None,
        )
        offered = config(page(anna, f"alerts/{alert.ref}/"), "moves-config")
        assert offered["is_end_asked"] is expected
        alert.state, alert.end_reason = "ended", "expired"
        alert.save()
        over = config(page(anna, f"alerts/{alert.ref}/"), "moves-config")
        assert (over["is_end_asked"], over["moves"]) == (False, [])

    def test_shows_an_update_that_waits_beside_what_people_know(self, gmina, anna, bartek):
        alert = titled(gmina, "Brak wody", state="active")
        AlertUpdate.objects.create(
            alert=alert,
            texts={"pl": {"title": "Woda do 20:00", "body": "Druga rura.", "instruction": ""}},
            expires_at=alert.expires_at,
            proposed_by_id=anna.pk,
        )
        offered = config(page(bartek, f"alerts/{alert.ref}/"), "moves-config")
        assert "update-approve" in offered["moves"]
        assert offered["texts"]["pl"]["title"] == "Brak wody"
        assert offered["update"]["texts"]["pl"]["title"] == "Woda do 20:00"
        assert offered["update"]["proposed_by"] == "Anna"

    def test_shows_all_that_was_sent_of_it(self, gmina, anna):
        alert = titled(gmina, "Brak wody", state="active")
        make_message(alert, [])
        make_message(alert, [], kind="update", texts={"pl": ("Druga <rura>", "Do 20:00.")})
        shown = page(anna, f"alerts/{alert.ref}/")
        assert "Druga &lt;rura&gt;" in shown
        assert shown.index("Druga &lt;rura&gt;") < shown.index("Do 18:00 nie ma wody.")

    def test_an_exercise_and_a_bypass_cannot_be_overlooked(self, gmina, anna):
        plain = titled(gmina, "A", state="active")
        marked = titled(gmina, "B", state="active", is_drill=True, bypass_reason="Wał <pęka>.")
        assert "badge-drill" not in page(anna, f"alerts/{plain.ref}/")
        shown = page(anna, f"alerts/{marked.ref}/")
        assert "badge-drill" in shown
        assert "note-drill" in shown
        assert "Wał &lt;pęka&gt;." in shown

    def test_draws_each_part_as_it_was_when_it_was_aimed_at(self, gmina, anna):
        street = make_street(gmina, "Główna", geom=line((0, 0), (200, 0)))
        street.until = 2
        street.save()
        alert = titled(gmina, "A", state="active")
        aim(
            alert,
            {
                "kind": "feature",
                "fid": street.fid,
                "layer_id": street.layer_id,
                "edition_number": 1,
            },
            {"kind": "drawn", "geom": at(5, 5), "reach_m": 40},
            {"kind": "locality", "simc": "0000001"},
            {"kind": "gmina"},
        )
        shapes = config(page(anna, f"alerts/{alert.ref}/"), "area-config")["parts"]
        kinds = [shape["geometry"] and shape["geometry"]["type"] for shape in shapes]
        assert kinds == ["MultiLineString", "Point", None, "Polygon"]
        place = shapes[1]["geometry"]["coordinates"]
        assert place == pytest.approx([19.0, 50.295], abs=0.005)  # degrees, longitude first
        assert shapes[1]["reach_m"] == 40

    def test_is_live_once_something_was_sent(self, gmina, anna):
        alert = titled(gmina, "A", state="awaiting_approval")
        assert 'data-island="progress"' not in page(anna, f"alerts/{alert.ref}/")
        alert.state = "active"
        alert.save()
        make_message(alert, [make_device()])
        assert 'data-island="progress"' in page(anna, f"alerts/{alert.ref}/")

    def test_marks_an_alert_past_its_expected_end(self, gmina, anna):
        past = timezone.now() - timedelta(minutes=1)
        alert = titled(gmina, "A", state="active", event_ends_at=past)
        assert "expected end has passed" in page(anna, f"alerts/{alert.ref}/")
        alert.state, alert.end_reason = "ended", "all_clear"
        alert.save()
        assert "expected end has passed" not in page(anna, f"alerts/{alert.ref}/")

    def test_another_gminas_alert_is_not_there(self, anna):
        alert = titled(make_gmina("drugie"), "Cudzy", state="active")
        assert at_desk(anna).get(f"{STAFF}alerts/{alert.ref}/").status_code == 404
        assert at_desk(anna).get(f"{STAFF}alerts/{alert.ref}/edit/").status_code == 404


class TestComposer:
    def test_is_told_the_rights_and_limits_that_word_its_buttons(self, gmina, anna):
        told = config(page(anna, "alerts/new/"), "composer-config")
        assert (told["ref"], told["may_approve"], told["may_send_alone"]) == (None, False, False)
        assert told["two_person_rule"] is True
        assert told["text_overhead"] == payload.overhead()
        crisis = make_user("c@a.example", "crisis", gmina=gmina)
        told = config(page(crisis, "alerts/new/"), "composer-config")
        assert (told["may_approve"], told["may_send_alone"]) == (True, True)

    def test_opens_drafts_and_nothing_else(self, gmina, anna):
        draft = titled(gmina, "A", state="draft")
        assert (
            config(page(anna, f"alerts/{draft.ref}/edit/"), "composer-config")["ref"] == draft.ref
        )
        sent = titled(gmina, "B", state="active")
        answer = at_desk(anna).get(f"{STAFF}alerts/{sent.ref}/edit/")
        assert answer.url == f"{STAFF}alerts/{sent.ref}/"

    @pytest.mark.parametrize("role", ["hotline", "auditor", "gis", "admin"])
    def test_is_for_those_who_write(self, gmina, role):
        user = make_user("x@a.example", role, gmina=gmina)
        assert at_desk(user).get(f"{STAFF}alerts/new/").status_code == 403


def test_the_overhead_is_what_a_message_without_words_takes():
    room = 4096 - payload.overhead()
    payload.check({"pl": {"title": "", "body": "a" * (room - payload.LEAD_CHARS)}})
    with pytest.raises(payload.PayloadTooLarge):
        payload.check({"pl": {"title": "", "body": "a" * room}})

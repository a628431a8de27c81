"""The staff's REST API of alerts: rights, codes and fields of refusals, what is shown."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from dispatch import jobs
from dispatch.kinds import create_default_kinds
from dispatch.models import Alert, FreePreview, Message
from gis_layers.models import Feature
from tests.builders import (
    at,
    line,
    make_alert,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    sign_in,
)
from tests.dispatch.officer import Officer, draft, refusal

pytestmark = pytest.mark.django_db

Role = Membership.Role
# A square of 600 m in the middle of the test gmina, and a bow tie, in lon and lat.
SHAPE = {
    "type": "Polygon",
    "coordinates": [
        [[19.01, 50.31], [19.018, 50.31], [19.018, 50.316], [19.01, 50.316], [19.01, 50.31]]
    ],
}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [
        [[19.01, 50.31], [19.018, 50.316], [19.018, 50.31], [19.01, 50.316], [19.01, 50.31]]
    ],
}


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)


@pytest.fixture
def gmina():
    gmina = make_gmina("testowo")
    create_default_kinds(gmina)
    return gmina


@pytest.fixture
def street(gmina):
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    for _n in range(6):
        resident = make_resident()
        make_place(resident, gmina, at=at(10, 0), street=street)
        make_device(resident)
    return street


@pytest.fixture
def anna(gmina):
    return Officer(gmina, Role.EDITOR)


@pytest.fixture
def bartek(gmina):
    return Officer(gmina, Role.APPROVER, email="bartek@a.pl")


def question(*parts, **fields):
    return {"parts": list(parts), "kind": "woda", "severity": "important"} | fields


# ── Previews ───────────────────────────────────────────────────────────────────────────────────


def test_a_preview_counts_people_and_phones_and_is_audited(anna, street):
    part = {"kind": "feature", "fid": street.fid}
    answer = anna.post("audience", question(part)).json()
    assert answer["residents"] == {"count": 6, "masked": False, "below": None}
    assert answer["devices"]["count"] == 6
    assert answer["parts"][0]["home"]["count"] == 6
    assert answer["warnings"] == []
    event = Event.objects.get(verb="audience_previewed")
    assert event.target_id == answer["hash"]
    assert event.data["fids"] == [street.fid]
    assert event.data["free"] == 0


def test_small_counts_are_masked(anna, gmina):
    lane = make_street(gmina, "Krótka", geom=line((0, 0), (10, 0)))
    resident = make_resident()
    make_place(resident, gmina, at=at(1, 1), street=lane)
    make_device(resident)
    answer = anna.post("audience", question({"kind": "feature", "fid": lane.fid})).json()
    assert answer["residents"] == {"count": None, "masked": True, "below": 5}
    assert answer["devices"]["count"] is None


def test_a_kind_need_not_be_chosen_yet(anna, street):
    part = {"kind": "feature", "fid": street.fid}
    assert anna.post("audience", question(part, kind=None)).json()["residents"]["count"] == 6


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid", "parts")),
        (question(), (422, "empty_selection", "parts")),
        (question({"kind": "feature", "fid": 7}), (422, "unknown_feature", "parts.0.fid")),
        (question({"kind": "powiat"}), (400, "invalid_part", "parts.0")),
        (question(*[{"kind": "gmina"}] * 10_000), (413, "too_many_parts", "parts")),
        (question({"kind": "gmina"}, kind="tsunami"), (422, "unknown_kind", "kind")),
        (question({"kind": "gmina"}, severity="huge"), (400, "invalid", "severity")),
        (
            question({"kind": "drawn", "geometry": BOW_TIE}),
            (422, "self_crossing", "parts.0.geometry"),
        ),
        (
            question(
                {
                    "kind": "drawn",
                    "geometry": {"type": "Point", "coordinates": [50.3, 19.0]},
                    "reach_m": 50,
                }
            ),
            (400, "swapped_axes", "parts.0.geometry"),
        ),
        (
            question(
                {
                    "kind": "drawn",
                    "reach_m": 50,
                    "geometry": {"type": "Point", "coordinates": [500100, 270100]},
                }
            ),
            (422, "coordinates_not_degrees", "parts.0.geometry"),
        ),
        (
            question(
                {
                    "kind": "drawn",
                    "reach_m": 50,
                    "geometry": {"type": "Point", "coordinates": [21.0, 52.2]},
                }
            ),
            (422, "area_outside_gmina", "parts.0"),
        ),
        (
            question({"kind": "locality", "simc": "0000001"}),
            (422, "unknown_locality", "parts.0.simc"),
        ),
    ],
)
def test_a_refused_preview_says_what_and_where(anna, body, expected):
    assert refusal(anna.post("audience", body)) == expected


def test_what_has_no_name_on_the_map_is_named_in_the_readers_language(anna, bartek, gmina, street):
    """Anna works in English; what she chose is read by Bartek in Polish."""
    anna.client.cookies["lang"] = "en"
    chosen = [{"kind": "gmina"}, {"kind": "drawn", "geometry": SHAPE}]
    created = anna.post("alerts", draft(street, parts=chosen)).json()
    assert [part["label"] for part in created["parts"]] == ["The whole gmina", "Drawn area"]
    anna.post(f"alerts/{created['ref']}/submit", {"seen_hash": "abc"})
    read = bartek.get(f"alerts/{created['ref']}").json()
    assert [part["label"] for part in read["parts"]] == ["Cała gmina", "Narysowany obszar"]
    page = bartek.client.get(f"/staff/testowo/alerts/{created['ref']}/").content.decode()
    assert "Cała gmina" in page
    assert "The whole gmina" not in page
    assert "Drawn area" not in page


def test_a_refusal_speaks_the_officers_language_and_keeps_its_code(anna, settings):
    polish = anna.post("audience", question()).json()
    anna.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = anna.post("audience", question()).json()
    assert polish["code"] == english["code"]
    assert english["message"].startswith("Choose whom to notify")
    assert polish["message"] != english["message"]


def test_a_person_previews_sixty_free_shapes_an_hour(anna, bartek, settings, street):
    settings.FREE_PREVIEWS_PER_HOUR = 2
    shape = question({"kind": "drawn", "geometry": SHAPE})
    around = question({"kind": "feature", "fid": street.fid, "reach": "metres", "reach_m": 50})
    assert anna.post("audience", shape).status_code == 200
    assert anna.post("audience", around).status_code == 200
    assert refusal(anna.post("audience", shape)) == (429, "preview_limit", None)
    assert anna.post("audience", question({"kind": "gmina"})).status_code == 200
    assert bartek.post("audience", shape).status_code == 200
    FreePreview.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert anna.post("audience", shape).status_code == 200
    assert FreePreview.objects.filter(user_id=anna.user.pk).count() == 1


def test_a_submitted_shape_counts_as_a_preview_and_past_the_limit_tells_no_figure(
    anna, settings, street
):
    settings.FREE_PREVIEWS_PER_HOUR = 1
    around = {"kind": "feature", "fid": street.fid, "reach": "metres", "reach_m": 50}
    refs = [anna.post("alerts", draft(street, parts=[around])).json()["ref"] for _n in range(2)]
    seen = [anna.post(f"alerts/{ref}/submit").json()["seen_residents"] for ref in refs]
    assert [figure["below"] for figure in seen] == [20, None]
    assert [figure["count"] for figure in seen] == [None, None]
    assert refusal(anna.post("audience", question(around))) == (429, "preview_limit", None)
    assert anna.get(f"alerts/{refs[1]}").json()["state"] == "awaiting_approval"


@pytest.mark.parametrize("severity", ["important", "emergency"])
def test_no_figure_of_two_streets_tells_how_few_live_on_the_second(
    anna, bartek, gmina, street, severity
):
    """Preview, submission, approval, progress, list and log: 6 people, then 6 and fewer than 5."""
    lane = make_street(gmina, "Mała", geom=line((0, 500), (100, 500)))
    resident = make_resident()
    make_device(resident)
    make_place(resident, gmina, at=at(50, 500), street=lane)
    both = [{"kind": "feature", "fid": row.fid} for row in (street, lane)]
    bound = {"count": None, "masked": True, "below": 11}
    preview = anna.post("audience", question(*both, severity=severity)).json()
    assert preview["residents"] == bound
    assert [part["residents"]["count"] for part in preview["parts"]] == [6, None]
    ref = anna.post("alerts", draft(street, parts=both, severity=severity)).json()["ref"]
    assert anna.post(f"alerts/{ref}/submit").json()["seen_residents"] == bound
    [message] = bartek.approve(ref).json()["messages"]
    assert (message["residents"], message["devices"]["count"]) == (bound, None)
    assert anna.get(f"alerts/{ref}/progress").json()["residents"]["selected"] == bound
    told = [event.data for event in Event.objects.all() if "residents" in event.data]
    assert len(told) == 3
    assert {(data["residents"], data["residents_below"]) for data in told} == {(None, 11)}


def test_a_shape_that_is_refused_does_not_count(anna):
    crossed = question({"kind": "drawn", "geometry": BOW_TIE})
    assert anna.post("audience", crossed).status_code == 422
    assert not FreePreview.objects.exists()


# ── Alerts ─────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_from_draft_to_all_clear(anna, bartek, street):
    created = anna.post("alerts", draft(street))
    assert created.status_code == 201
    alert = created.json()
    assert (alert["state"], alert["category"], alert["author"]) == ("draft", "awaria", "Anna")
    assert alert["parts"] == [
        {
            "kind": "feature",
            "fid": street.fid,
            "reach": "addresses",
            "reach_m": 0,
            "label": "ul. Główna",
        }
    ]
    assert alert["allowed_moves"] == ["edit", "delete", "submit"]
    path = f"alerts/{alert['ref']}"
    assert anna.patch(path, {"severity": "info"}).json()["severity"] == "info"
    submitted = anna.post(f"{path}/submit", {"seen_hash": "abc"}).json()
    assert submitted["state"] == "awaiting_approval"
    assert submitted["seen_residents"]["count"] == 6
    assert submitted["allowed_moves"] == ["recall"]
    assert bartek.get(path).json()["allowed_moves"] == ["return", "approve"]
    approved = bartek.approve(alert["ref"]).json()
    assert (approved["state"], approved["approved_by"]) == ("sending", "Bartek")
    assert [message["devices"]["count"] for message in approved["messages"]] == [6]
    own_words = {"texts": {"pl": {"title": "Jest woda"}}}
    refused = anna.post(f"{path}/all-clear", own_words)
    assert (refused.status_code, refused.json()["code"]) == (403, "words_need_approval")
    ended = bartek.post(f"{path}/all-clear", own_words).json()
    assert (ended["state"], ended["end_reason"]) == ("ended", "all_clear")
    assert [message["kind"] for message in ended["messages"]] == ["alert", "all_clear"]


def test_a_drawn_part_comes_back_as_it_was_drawn(anna, street):
    part = {"kind": "drawn", "geometry": SHAPE, "reach_m": 0}
    alert = anna.post("alerts", draft(street, parts=[part])).json()
    [back] = alert["parts"]
    for (lon, lat), (lon_back, lat_back) in zip(
        SHAPE["coordinates"][0], back["geometry"]["coordinates"][0], strict=True
    ):
        assert (lon_back, lat_back) == (pytest.approx(lon, abs=1e-7), pytest.approx(lat, abs=1e-7))
    assert anna.patch(f"alerts/{alert['ref']}", {"parts": alert["parts"]}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"category": "katastrofa"}, (422, "unknown_category", "category")),
        ({"kind": "tsunami"}, (422, "unknown_kind", "kind")),
        ({"parts": "all"}, (400, "invalid", "parts")),
        ({"texts": {"pl": {"title": "x" * 101, "body": "y"}}}, (400, "invalid", "texts.pl.title")),
        ({"expires_at": "tomorrow"}, (400, "invalid", "expires_at")),
        (
            {"parts": [{"kind": "gmina"}, {"kind": "drawn", "geometry": BOW_TIE}]},
            (422, "self_crossing", "parts.1.geometry"),
        ),
    ],
)
def test_a_refused_draft_says_what_and_where_and_keeps_nothing(anna, street, fields, expected):
    assert refusal(anna.post("alerts", draft(street, **fields))) == expected
    assert not Alert.objects.exists()


def test_a_text_over_fcms_limit_is_refused_at_submission(anna, street):
    texts = {"pl": {"title": "Brak wody", "body": "ą" * 2048}}
    ref = anna.post("alerts", draft(street, texts=texts)).json()["ref"]
    answer = anna.post(f"alerts/{ref}/submit")
    assert refusal(answer) == (422, "payload_too_large", "texts.pl.body")


def test_ones_own_alert_is_refused_with_its_code(bartek, street):
    ref = bartek.post("alerts", draft(street)).json()["ref"]
    bartek.post(f"alerts/{ref}/submit")
    assert refusal(bartek.approve(ref)) == (403, "two_person_rule", None)
    assert not Message.objects.exists()


def test_what_was_submitted_anew_is_not_sent_by_a_stale_page(gmina, bartek, street):
    """Adam's first version is open at Bartek's; Adam takes it back, rewrites and resubmits it."""
    adam = Officer(gmina, Role.EDITOR, Role.APPROVER, email="adam@a.pl")
    ref = adam.post("alerts", draft(street)).json()["ref"]
    adam.post(f"alerts/{ref}/submit")
    seen = bartek.get(f"alerts/{ref}").json()
    assert adam.post(f"alerts/{ref}/return").status_code == 200
    adam.patch(f"alerts/{ref}", {"texts": {"pl": {"title": "Ewakuacja", "body": "Natychmiast."}}})
    adam.post(f"alerts/{ref}/submit")
    assert refusal(bartek.approve(ref, seen)) == (409, "alert_changed", None)
    assert not Message.objects.exists()
    assert bartek.get(f"alerts/{ref}").json()["state"] == "awaiting_approval"
    assert bartek.approve(ref).status_code == 200


@pytest.mark.parametrize("body", [{}, {"submitted_at": None}, {"submitted_at": "lately"}])
def test_an_approval_must_say_what_was_read(anna, bartek, street, body):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    assert refusal(bartek.post(f"alerts/{ref}/approve", body)) == (400, "invalid", "submitted_at")
    assert not Message.objects.exists()


def test_the_reason_of_a_return_is_read_until_the_alert_is_submitted_again(anna, bartek, street):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    bartek.post(f"alerts/{ref}/return", {"reason": "Która ulica?"})
    anna.patch(f"alerts/{ref}", {"severity": "info"})
    assert anna.get(f"alerts/{ref}").json()["return_reason"] == "Która ulica?"
    assert anna.post(f"alerts/{ref}/submit").json()["return_reason"] == ""


def test_a_reason_of_more_than_a_thousand_characters_is_refused(anna, bartek, street):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    answer = bartek.post(f"alerts/{ref}/return", {"reason": "x" * 1001})
    assert refusal(answer) == (400, "invalid", "reason")


def test_a_move_out_of_turn_is_a_conflict(anna, bartek, street):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    bartek.post(f"alerts/{ref}/return")
    assert refusal(bartek.approve(ref)) == (409, "move_refused", None)
    assert refusal(anna.post(f"alerts/{ref}/all-clear")) == (409, "move_refused", None)
    assert anna.delete(f"alerts/{ref}").status_code == 204
    assert anna.get(f"alerts/{ref}").status_code == 404


def test_without_a_transport_nothing_is_approved(anna, bartek, street, settings):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    settings.FCM_EMULATOR_URL = ""
    assert refusal(bartek.approve(ref)) == (503, "fcm_not_configured", None)
    assert anna.get(f"alerts/{ref}").json()["state"] == "awaiting_approval"


def outline_feature():
    """The gmina's own border, clicked on the map."""
    [outline] = Feature.objects.filter(layer__slug="granica")
    return {"kind": "feature", "fid": outline.fid}


@pytest.mark.parametrize("whole", [lambda: {"kind": "gmina"}, outline_feature])
def test_the_whole_gmina_is_told_only_with_a_fresh_code(anna, bartek, street, whole):
    one_street = {"kind": "feature", "fid": street.fid}
    ref = anna.post("alerts", draft(street, parts=[one_street, whole()])).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    session = bartek.client.session
    session["confirmed_at"] = 0
    session.save()
    assert refusal(bartek.approve(ref)) == (403, "confirmation_needed", None)
    assert not Message.objects.exists()
    sign_in(bartek.client, bartek.user)
    assert bartek.approve(ref).status_code == 200


def test_a_street_is_told_without_another_code(anna, bartek, street):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    session = bartek.client.session
    session["confirmed_at"] = 0
    session.save()
    assert bartek.approve(ref).status_code == 200


def test_a_changed_audience_is_a_conflict_and_the_alert_a_draft_again(anna, bartek, gmina, street):
    ref = anna.post("alerts", draft(street)).json()["ref"]
    anna.post(f"alerts/{ref}/submit")
    for _n in range(21):
        resident = make_resident()
        make_place(resident, gmina, at=at(10, 0), street=street)
        make_device(resident)
    answer = bartek.approve(ref)
    assert refusal(answer) == (409, "audience_changed", None)
    assert answer.json()["details"]["now"]["count"] == 27
    assert anna.get(f"alerts/{ref}").json()["state"] == "draft"


def test_small_audiences_are_masked_in_the_alert_too(anna, bartek, gmina):
    lane = make_street(gmina, "Krótka", geom=line((0, 0), (10, 0)))
    resident = make_resident()
    make_place(resident, gmina, at=at(1, 1), street=lane)
    for _n in range(7):
        make_device(resident)
    ref = anna.post("alerts", draft(lane)).json()["ref"]
    seen = anna.post(f"alerts/{ref}/submit").json()["seen_residents"]
    assert seen == {"count": None, "masked": True, "below": 5}
    [message] = bartek.approve(ref).json()["messages"]
    assert (message["residents"]["count"], message["devices"]["count"]) == (None, None)


def test_the_list_is_newest_first_in_pages_without_a_query_per_alert(
    anna, gmina, django_assert_max_num_queries
):
    refs = [make_alert(gmina, state="draft", author_id=anna.user.pk).ref for _n in range(60)]
    with django_assert_max_num_queries(13):
        first = anna.get("alerts").json()
    assert [alert["ref"] for alert in first] == refs[:9:-1]
    assert first[0]["author"] == "Anna"
    rest = anna.get(f"alerts?before={first[-1]['ref']}").json()
    assert [alert["ref"] for alert in rest] == refs[9::-1]


def test_the_hotline_reads_running_alerts_and_nothing_else(gmina, street):
    celina = Officer(gmina, Role.HOTLINE, email="celina@a.pl")
    running = make_alert(gmina, state="active")
    waiting = make_alert(gmina, state="awaiting_approval")
    assert [alert["ref"] for alert in celina.get("alerts").json()] == [running.ref]
    assert celina.get(f"alerts/{running.ref}").json()["allowed_moves"] == []
    assert celina.get(f"alerts/{waiting.ref}").status_code == 404
    assert celina.get(f"alerts?before={waiting.ref}").status_code == 404
    forbidden = [
        celina.post("alerts", draft(street)),
        celina.post("audience", question({"kind": "gmina"})),
        celina.post(f"alerts/{running.ref}/all-clear"),
        celina.delete(f"alerts/{running.ref}"),
    ]
    assert {response.status_code for response in forbidden} == {403}


def test_another_gminas_alerts_are_not_there(gmina, street):
    other = make_gmina("obca")
    alert = make_alert(other, state="active")
    anna = Officer(gmina, Role.CRISIS, email="dorota@a.pl")
    assert anna.get(f"alerts/{alert.ref}").status_code == 404
    assert anna.post(f"alerts/{alert.ref}/withdraw").status_code == 404
    stranger = Officer(other, Role.CRISIS, email="obcy@a.pl", of=gmina)
    for path in ("alerts", "kinds", f"alerts/{alert.ref}"):
        assert stranger.get(path).status_code == 404
    assert stranger.post("audience", question({"kind": "gmina"})).status_code == 404


def test_signed_out_and_wrong_methods(gmina, anna):
    url = f"/api/v1/gminas/{gmina.slug}/alerts"
    assert Client().get(url).status_code == 401
    assert anna.delete("alerts").status_code == 405
    assert anna.get("audience").status_code == 405


def test_kinds_are_listed_in_their_order(anna):
    kinds = anna.get("kinds").json()
    assert kinds[0] == {
        "code": "woda",
        "category": "awaria",
        "title_pl": "Woda",
        "title_en": "Water",
    }
    assert {kind["category"] for kind in kinds} == {"awaria", "wydarzenie", "ostrzezenie"}

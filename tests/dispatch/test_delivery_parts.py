"""Which parts of an area caught whom: written with each delivery, followed by part."""

import pytest
from django.test import Client

from dispatch import fanout, funnel, late, progress, statistics
from dispatch.fanout import Text
from dispatch.masking import NOT_TOLD, Count
from dispatch.models import Batch, Delivery, Message, MessageFigures, Receipt
from dispatch.outcomes import Outcome
from residents.models import Place
from residents.signals import place_changed
from tests.builders import (
    at,
    line,
    make_alert,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    make_user,
    sign_in,
)
from tests.dispatch.test_late import begin

pytestmark = pytest.mark.django_db
TEXTS = [Text("pl", "Brak wody", "Do 18:00.")]


@pytest.fixture(autouse=True)
def emulator_is_set(settings, queue_server):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    settings.MASK_BELOW = 2  # so parts of ten people are followed, by fours


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna():
    return make_user("anna@a.pl")


@pytest.fixture
def streets(gmina):
    return [
        make_street(gmina, name, geom=line((0, y), (100, y)))
        for name, y in (("Długa", 0), ("Krótka", 50))
    ]


def inhabitant(gmina, *streets):
    """A resident with a phone and a place at each street."""
    device = make_device(make_resident())
    for street in streets:
        place = make_place(device.resident, gmina, at=at(10, 5), street=street)
        place_changed.send(sender=Place, place_ids=[place.pk])
    return device


def sent(gmina, streets, by, **fields):
    """A running alert to these streets."""
    chosen = [{"kind": "feature", "fid": street.fid, "reach": "addresses"} for street in streets]
    return begin(make_alert(gmina, **fields), *chosen, by=by)


def parts_of(device):
    """What the deliveries to the device say, the newest last."""
    found = Delivery.objects.filter(endpoint_id=device.pk).order_by("message_id")
    return list(found.values_list("parts", flat=True))


def settle(message, *, refused=()):
    for batch in Batch.objects.filter(message_id=message.pk):
        there = Delivery.objects.filter(message_id=message.pk, batch_no=batch.no).order_by("pos")
        batch.codes = [
            Outcome.TOKEN_DEAD if delivery.endpoint_id in refused else Outcome.ACCEPTED
            for delivery in there
        ]
        batch.state = Batch.State.DONE
        batch.save()


def told(message):
    return [
        (part.position, part.selected, part.accepted, part.received)
        for part in funnel.live(message).parts
    ]


# ── Written ────────────────────────────────────────────────────────────────────────────────────


def test_a_delivery_says_which_parts_caught_its_person(gmina, streets, anna):
    both, one = inhabitant(gmina, *streets), inhabitant(gmina, streets[1])
    sent(gmina, streets, anna)
    assert (parts_of(both), parts_of(one)) == (["11"], ["01"])


def test_of_an_area_of_one_part_nothing_is_written(gmina, streets, anna):
    device = inhabitant(gmina, streets[0])
    message = sent(gmina, streets[:1], anna)
    assert (parts_of(device), message.followed_parts) == ([""], {})


def test_late_arrivals_and_an_updates_newcomers_have_theirs_and_repeats_the_same(
    gmina, streets, anna
):
    first = inhabitant(gmina, streets[0])
    message = sent(gmina, streets, anna)
    latecomer = inhabitant(gmina, streets[1])
    late.work()
    settle(message)
    newcomer = inhabitant(gmina, *streets)
    ways = {"by": anna, "texts": TEXTS, "expires_at": message.expires_at}
    update = fanout.freeze_again(message.alert, Message.Kind.UPDATE, **ways)
    settle(update)
    fanout.freeze_again(message.alert, Message.Kind.ALL_CLEAR, **ways)
    assert parts_of(first) == ["10"] * 3
    assert parts_of(latecomer) == ["01"] * 3
    assert parts_of(newcomer) == ["11"] * 2
    assert update.followed_parts == message.followed_parts


# ── Followed ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def message(gmina, streets, anna):
    """To 18 people of Długa, 14 of Krótka and one of both."""
    for street, people in zip(streets, (18, 14), strict=True):
        for _n in range(people):
            inhabitant(gmina, street)
    inhabitant(gmina, *streets)
    message = sent(gmina, streets, anna)
    late.work()
    return message


def test_parts_are_counted_apart_and_who_is_in_two_once_in_the_whole(message):
    assert funnel.counted(message)["residents"]["selected"] == 33
    assert message.followed_parts == {"0": 19, "1": 15}
    homes = funnel.counted(message)["homes"]
    assert [homes[n]["selected"] for n in (0, 1)] == [18, 15]


def test_what_is_told_of_a_part_goes_by_steps_and_stays_below_all(message, streets):
    assert told(message) == [(n, Count(p), Count(0), Count(0)) for n, p in ((0, 19), (1, 15))]
    at_long = list(
        Delivery.objects.filter(message_id=message.pk, parts="10").values_list(
            "endpoint_id", flat=True
        )
    )
    settle(message, refused=at_long[:11])
    assert told(message) == [
        (0, Count(19), Count(4), Count(0)),
        (1, Count(15), Count(8), Count(0)),
    ]
    hear(message, at_long[11:16])
    assert told(message)[0][3] == Count(4)
    assert told(message)[1][3] == NOT_TOLD


def hear(message, endpoint_ids):
    Receipt.objects.bulk_create(
        Receipt(
            month=message.month,
            message_id=message.pk,
            endpoint_id=delivery.endpoint_id,
            resident_id=delivery.resident_id,
            event="received",
            at=message.frozen_at,
        )
        for delivery in Delivery.objects.filter(endpoint_id__in=endpoint_ids)
    )


def test_kept_figures_have_the_parts_and_are_the_same_folded_twice(message):
    settle(message, refused=Delivery.objects.filter(parts="10").values_list("endpoint_id")[0])
    for _time in range(2):
        assert statistics.fold(message)
        assert statistics.read(MessageFigures.objects.get()) == funnel.live(message)
    assert len(funnel.live(message).parts) == 2


def test_the_progress_answer_names_the_parts(message, gmina):
    settle(message)
    client = sign_in(Client(), make_user("ewa@a.pl", "editor", gmina=gmina))
    path = f"/api/v1/gminas/{gmina.slug}/alerts/{message.alert.ref}/progress"
    answer = client.get(path).json()
    assert [part["selected"]["count"] for part in answer["parts"]] == [19, 15]
    assert all(
        set(part) == {"name", "selected", "accepted", "received", "opened"}
        for part in answer["parts"]
    )
    assert answer["has_more_parts"] is False


def test_a_part_of_few_is_left_out_and_the_answer_says_so(gmina, streets, anna):
    for street, people in zip(streets, (18, 1), strict=True):
        for _n in range(people):
            inhabitant(gmina, street)
    message = sent(gmina, streets, anna)
    found = progress.progress_of(message.alert)
    assert [part["figures"].position for part in found.parts] == [0]
    assert found.has_more_parts

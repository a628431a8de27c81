"""Simulated phones: the token tells everything, nobody else's token tells anything."""

import pytest

from residents.simulated import SimulatedPhone, id_range, phone_of, simulated_id


def test_token_names_its_phone() -> None:
    phone = SimulatedPhone("kowale-dolne", 7, 12)
    assert phone_of(phone.token) == phone


@pytest.mark.parametrize(
    "token", ["", "token-1", "demo-chorzow-1", "demo-chorzow-x-1", "xdemo-chorzow-1-1", "demo--1"]
)
def test_token_of_a_real_phone_is_nobodys(token: str) -> None:
    assert phone_of(token) is None


def test_seed_gmina_and_number_each_give_another_phone() -> None:
    phones = [
        SimulatedPhone("a", 1, 1),
        SimulatedPhone("a", 1, 2),
        SimulatedPhone("a", 2, 1),
        SimulatedPhone("b", 1, 1),
    ]
    assert len({phone.public_id for phone in phones}) == len(phones)
    assert len({phone.secret for phone in phones}) == len(phones)


def test_ids_are_version_4_and_lie_in_the_gminas_own_range() -> None:
    first, last = id_range("chorzow")
    ids = [simulated_id("chorzow", seed, "resident-1") for seed in range(200)]
    assert all(first <= one <= last and one.version == 4 for one in ids)
    assert not first <= simulated_id("praszka", 1, "resident-1") <= last

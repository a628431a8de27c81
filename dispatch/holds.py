"""Rules that may hold a delivery back when its turn has come: asked before each take-off.

A rule is given the claimed batch, its message and the open positions whose time has come (from 0),
and says of some of them until when they wait, or that they are over. It may ask the database.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dispatch import quiet
from dispatch.lease import Claim
from dispatch.models import Message
from dispatch.outcomes import Outcome

Held = Mapping[int, datetime | Outcome]
Rule = Callable[[Claim, Message, Sequence[int]], Held]
RULES: tuple[Rule, ...] = (quiet.rule,)


def held(claim: Claim, message: Message, due: Sequence[int]) -> dict[int, datetime | Outcome]:
    """Who waits until when, or is over, by all rules; an earlier rule's word counts."""
    found: dict[int, datetime | Outcome] = {}
    for rule in RULES:
        found = {**rule(claim, message, due), **found}
    return found

"""Ways to reach an endpoint, by the name that batches carry: the sender knows no more of them.

Freezing, leases, outcomes and the funnel are the same for all. A new way (e-mail, SMS, a person
with a poster) is a class with these methods and a line in CHANNELS.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from dispatch.lease import Claim
from dispatch.models import Message
from dispatch.outcomes import Result
from dispatch.push_channel import PushChannel


class Channel(Protocol):
    """What the sender asks of a way. Nothing here raises for what the other side answers."""

    def fits(self, message: Message) -> bool:
        """Whether this process may send the message this way; False holds it back for a while."""

    def letters(self, claim: Claim, message: Message, due: Sequence[int]) -> Mapping[int, Any]:
        """By due position (from 0): what `begin` needs, or the Result where trying is no use.

        May ask the database.
        """

    def may_begin(self, message: Message) -> bool:
        """Whether one more may begin now; True counts it."""

    def begin(self, letter: Any, tag: object) -> None:
        """Start one; `collect` brings its result with `tag`. No database, no waiting."""

    def collect(self, wait_s: float) -> Sequence[tuple[Any, Result]]:
        """The results that came within `wait_s` seconds."""

    def abandon(self) -> Sequence[tuple[Any, Result]]:
        """Wait for nothing any longer; results for all that was under way."""

    def retire(self, letters: Sequence[Any]) -> None:
        """Forget endpoints that reach nobody any more; in the caller's transaction.

        In one order whatever the letters': two senders must not wait for each other.
        """

    def close(self) -> None:
        """End connections and forget credentials; `letters` opens them anew."""


# `give_up()` becomes true when the process has been asked to end soon.
CHANNELS: dict[str, Callable[[Callable[[], bool]], Channel]] = {"fcm": PushChannel}

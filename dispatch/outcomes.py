"""What became of one delivery: FCM's answers in one table, with what the sender must do.

Source: docs/fcm.md. The numbers are stored in Batch.codes and must never change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """Stored per delivery in Batch.codes."""

    WAITING = 0  # not handed to FCM yet
    ACCEPTED = 1  # FCM answered 200: taken, which is not the same as shown
    RETRY = 2  # a passing trouble, or an ambiguous end: goes again with the same delivery id
    TOKEN_DEAD = 3  # this push target reaches nobody any more
    PAYLOAD_REFUSED = 4  # our fault: the message is wrong, for everybody
    CREDENTIALS = 5  # our keys or rights are wrong; held until somebody repairs them
    GAVE_UP = 6  # the message expired, or an hour of trying brought nothing
    UNREACHABLE = 7  # no push target left when its turn came
    STOPPED = 8  # the alert ended or was halted before this delivery's turn
    SLEPT_THROUGH = 9  # it expires before the quiet hours of its resident end


OPEN = frozenset({Outcome.WAITING, Outcome.RETRY, Outcome.CREDENTIALS})
FINAL = frozenset(Outcome) - OPEN

FIRST_RETRY_S = 10  # FCM: never sooner, even after a 5xx
QUOTA_RETRY_S = 60  # a 429 without Retry-After
HOLD_S = 60  # after credentials trouble
LONGEST_RETRY_S = 300  # of our own backoff; FCM may ask for more
LONGEST_ASKED_S = 3600  # a longer Retry-After is cut to this: nobody tries longer than an hour
# So many foreign tokens in one batch are no accident but our wrong service account.
MISMATCH_MANY = 10


@dataclass(frozen=True)
class Action:
    """What an answer makes of its delivery. `wait_s`: at least so long until it goes again.

    `slows_all`: all senders slow down (rate.py). `shuts_out`: we are not let in at all, so trying
    other deliveries is no use: everything is held.
    """

    outcome: Outcome
    wait_s: float = 0
    slows_all: bool = False
    shuts_out: bool = False


_dead = Action(Outcome.TOKEN_DEAD)
_again = Action(Outcome.RETRY, wait_s=FIRST_RETRY_S)
_slower = Action(Outcome.RETRY, wait_s=QUOTA_RETRY_S, slows_all=True)
_ours = Action(Outcome.CREDENTIALS, wait_s=HOLD_S)
_shut_out = Action(Outcome.CREDENTIALS, wait_s=HOLD_S, shuts_out=True)

# FcmError.errorCode, else the status, else what HTTP's status means (answers.py). The only table.
ACTIONS = {
    "UNREGISTERED": _dead,
    # An INVALID_ARGUMENT whose fieldViolations name the token or the fid.
    "INVALID_TOKEN": _dead,
    # Many at once are our own wrong key: see `without_mass_mismatch`.
    "SENDER_ID_MISMATCH": _dead,
    # Any other INVALID_ARGUMENT: one bad message must not empty the register of devices.
    "INVALID_ARGUMENT": Action(Outcome.PAYLOAD_REFUSED),
    # APNs or web push keys of the Firebase project: keep the tokens, hold those rows.
    "THIRD_PARTY_AUTH_ERROR": _ours,
    "APNS_AUTH_ERROR": _ours,
    # FIELD_KEYS lacks the key of a token: repaired by giving it back.
    "FIELD_KEYS": _ours,
    # Without UNREGISTERED this may be a project that FCM doesn't know: hold it, retire nothing.
    "NOT_FOUND": _ours,
    "UNAUTHENTICATED": _shut_out,
    "PERMISSION_DENIED": _shut_out,
    "QUOTA_EXCEEDED": _slower,
    "RESOURCE_EXHAUSTED": _slower,
    "UNAVAILABLE": _again,
    "INTERNAL": _again,
    "DEADLINE_EXCEEDED": _again,
    # A gateway's HTML, a 200 without a message id, a code that is not in this table.
    "UNKNOWN": _again,
}


@dataclass(frozen=True, slots=True)
class Result:
    """FCM's answer for one delivery. `retry_after_s` is FCM's wish, None without one."""

    outcome: Outcome
    code: str = ""
    fcm_id: str | None = None
    retry_after_s: float | None = None

    @property
    def action(self) -> Action:
        return ACTIONS.get(self.code, Action(self.outcome))

    @property
    def shut_out(self) -> bool:
        return self.outcome == Outcome.CREDENTIALS and self.action.shuts_out

    @property
    def asked_s(self) -> float:
        """How long to wait at least: FCM's wish, else the table's."""
        if self.retry_after_s is not None:
            return min(self.retry_after_s, LONGEST_ASKED_S)
        return self.action.wait_s


def of_error(code: str, retry_after_s: float | None = None) -> Result:
    """The result for an error code; one we don't know counts as passing, and is tried again."""
    outcome = ACTIONS.get(code, ACTIONS["UNKNOWN"]).outcome
    return Result(outcome, code, retry_after_s=retry_after_s)


def without_mass_mismatch(results: Sequence[Result]) -> list[Result]:
    """Where most of a batch is SENDER_ID_MISMATCH, hold those deliveries instead of the tokens."""
    foreign = [result for result in results if result.code == "SENDER_ID_MISMATCH"]
    if len(foreign) < MISMATCH_MANY or len(foreign) * 2 < len(results):
        return list(results)
    held = Result(Outcome.CREDENTIALS, "SENDER_ID_MISMATCH", retry_after_s=HOLD_S)
    return [held if result.code == held.code else result for result in results]


def delay_s(result: Result, *, attempt: int, jitter: float) -> float:
    """Seconds until an open delivery may go again; zero where it simply wasn't reached.

    Exponential from 10 s, at most 5 min, or as long as FCM asks, whichever is longer; plus up to
    half of it by `jitter` (0 … 1), so that batches don't come back all at once. `attempt` counts
    from 1.
    """
    if result.outcome == Outcome.WAITING:
        return 0.0
    backoff = min(FIRST_RETRY_S * 2 ** min(attempt - 1, 10), LONGEST_RETRY_S)
    return max(float(backoff), result.asked_s) * (1 + jitter / 2)

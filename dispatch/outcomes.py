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

TOKEN_FIELD = "message.token"  # noqa: S105 - a field's name in FCM's answers
FID_FIELD = "message.fid"

# FcmError.errorCode, else the status where there is none -> what it means for the delivery.
BY_CODE = {
    "UNREGISTERED": Outcome.TOKEN_DEAD,
    "SENDER_ID_MISMATCH": Outcome.TOKEN_DEAD,
    # Unless it complains of the token itself: see `of_error`.
    "INVALID_ARGUMENT": Outcome.PAYLOAD_REFUSED,
    # APNs or web push keys of the Firebase project: keep the tokens, hold the rows.
    "THIRD_PARTY_AUTH_ERROR": Outcome.CREDENTIALS,
    "APNS_AUTH_ERROR": Outcome.CREDENTIALS,
    "UNAUTHENTICATED": Outcome.CREDENTIALS,
    "PERMISSION_DENIED": Outcome.CREDENTIALS,
    # Without UNREGISTERED this may be a project that FCM doesn't know: hold it, retire nothing.
    "NOT_FOUND": Outcome.CREDENTIALS,
    "QUOTA_EXCEEDED": Outcome.RETRY,
    "RESOURCE_EXHAUSTED": Outcome.RETRY,
    "UNAVAILABLE": Outcome.RETRY,
    "INTERNAL": Outcome.RETRY,
    "DEADLINE_EXCEEDED": Outcome.RETRY,
}
# Without FCM's own code these mean that we are not let in at all: trying others is no use.
SHUT_OUT = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
QUOTA = frozenset({"QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED"})

FIRST_RETRY_S = 10  # FCM: never sooner, even after a 5xx
QUOTA_RETRY_S = 60  # a 429 without Retry-After
HOLD_S = 60  # after credentials trouble
LONGEST_RETRY_S = 300
# So many foreign tokens in one batch are no accident but our wrong service account.
MISMATCH_MANY = 10


@dataclass(frozen=True)
class Result:
    """FCM's answer for one delivery. `retry_after_s` is FCM's wish, None without one."""

    outcome: Outcome
    code: str = ""
    fcm_id: str | None = None
    retry_after_s: float | None = None

    @property
    def shut_out(self) -> bool:
        return self.outcome == Outcome.CREDENTIALS and self.code in SHUT_OUT


NOT_SENT = Result(Outcome.WAITING)


def of_error(code: str, fields: frozenset[str], retry_after_s: float | None = None) -> Result:
    """The result for an error `code`; `fields` are the fieldViolations' fields.

    INVALID_ARGUMENT kills a token only where FCM names the token: one bad message must not empty
    the register of devices. A code we don't know counts as passing, and is tried again.
    """
    outcome = BY_CODE.get(code, Outcome.RETRY)
    if code == "INVALID_ARGUMENT" and fields & {TOKEN_FIELD, FID_FIELD}:
        outcome = Outcome.TOKEN_DEAD
    return Result(outcome, code, retry_after_s=retry_after_s)


def without_mass_mismatch(results: Sequence[Result]) -> list[Result]:
    """Where most of a batch is SENDER_ID_MISMATCH, hold those deliveries instead of the tokens."""
    foreign = [result for result in results if result.code == "SENDER_ID_MISMATCH"]
    if len(foreign) < MISMATCH_MANY or len(foreign) * 2 < len(results):
        return list(results)
    return [
        Result(Outcome.CREDENTIALS, result.code) if result in foreign else result
        for result in results
    ]


def retry_delay_s(results: Sequence[Result], *, attempt: int, jitter: float) -> float:
    """Seconds until the open deliveries of a batch may go again.

    Exponential from 10 s, at most 5 min, or as long as FCM asks, whichever is longer; plus up to
    half of it by `jitter` (0 … 1), so that batches don't come back all at once. `attempt` counts
    from 1. Zero where nothing failed and some simply weren't reached.
    """
    failed = [result for result in results if result.outcome in OPEN - {Outcome.WAITING}]
    if not failed:
        return 0.0
    backoff = min(FIRST_RETRY_S * 2 ** min(attempt - 1, 10), LONGEST_RETRY_S)
    return float(max(backoff, *(_asked_s(result) for result in failed))) * (1 + jitter / 2)


def _asked_s(result: Result) -> float:
    if result.retry_after_s is not None:
        return result.retry_after_s
    if result.code in QUOTA:
        return QUOTA_RETRY_S
    return HOLD_S if result.outcome == Outcome.CREDENTIALS else 0

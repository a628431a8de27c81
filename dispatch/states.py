"""The one table of an alert's moves, and the only way to make one: checked, locked, audited.

draft -> awaiting approval -> scheduled -> sending -> active -> ended
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.access import may
from accounts.models import User
from audit.record import record
from audit.verbs import Verb
from dispatch.errors import MoveRefused, RightMissing
from dispatch.models import Alert, Severity

logger = logging.getLogger(__name__)
State = Alert.State
EndReason = Alert.EndReason

# States in which residents can be told of an alert, or have been and it is not over.
RUNNING = frozenset({State.SENDING, State.ACTIVE})


@dataclass(frozen=True)
class Move:
    """One permitted change of state.

    `target` None: the row is deleted. `action` None: only the system makes it, no person may.
    """

    name: str
    sources: frozenset[str]
    target: State | None
    action: str | None
    verb: Verb
    end_reason: str = ""


def _move(
    name: str,
    sources: set[State] | frozenset[State],
    target: State | None,
    action: str | None,
    verb: Verb,
    end_reason: str = "",
) -> Move:
    return Move(name, frozenset(sources), target, action, verb, end_reason)


EDIT = _move("edit", {State.DRAFT}, State.DRAFT, "alert.write", Verb.ALERT_EDITED)
DELETE = _move("delete", {State.DRAFT}, None, "alert.write", Verb.ALERT_DRAFT_DELETED)
SUBMIT = _move(
    "submit", {State.DRAFT}, State.AWAITING_APPROVAL, "alert.write", Verb.ALERT_SUBMITTED
)
RETURN = _move(
    "return", {State.AWAITING_APPROVAL}, State.DRAFT, "alert.approve", Verb.ALERT_RETURNED
)
# The audience is not what the officer saw (fanout.py).
SEND_BACK = _move("send_back", {State.AWAITING_APPROVAL}, State.DRAFT, None, Verb.ALERT_SENT_BACK)
APPROVE = _move(
    "approve", {State.AWAITING_APPROVAL}, State.SCHEDULED, "alert.approve", Verb.ALERT_APPROVED
)
START_SENDING = _move("start_sending", {State.SCHEDULED}, State.SENDING, None, Verb.ALERT_SENDING)
FINISH_SENDING = _move("finish_sending", {State.SENDING}, State.ACTIVE, None, Verb.ALERT_SENT)
ALL_CLEAR = _move(
    "all_clear", RUNNING, State.ENDED, "alert.end", Verb.ALERT_ALL_CLEAR, EndReason.ALL_CLEAR
)
WITHDRAW = _move(
    "withdraw", RUNNING, State.ENDED, "alert.end", Verb.ALERT_WITHDRAWN, EndReason.WITHDRAWN
)
EXPIRE = _move("expire", RUNNING, State.ENDED, None, Verb.ALERT_EXPIRED, EndReason.EXPIRED)

MOVES = (
    EDIT,
    DELETE,
    SUBMIT,
    RETURN,
    SEND_BACK,
    APPROVE,
    START_SENDING,
    FINISH_SENDING,
    ALL_CLEAR,
    WITHDRAW,
    EXPIRE,
)


@dataclass
class Step:
    """A move under way: the locked alert, and what the audit log will say (ids and counts)."""

    alert: Alert
    data: dict[str, Any] = field(default_factory=dict)


@contextmanager
def moving(move: Move, alert: Alert, *, by: User | None) -> Iterator[Step]:
    """Lock the alert, check the move, let the caller do its work, then change the state and audit.

    All in one transaction: an error anywhere leaves nothing. The caller works on `step.alert`, a
    fresh row: `alert` may be old. `by` None is the system. Raises MoveRefused or RightMissing.
    """
    with transaction.atomic():
        locked = Alert.objects.select_for_update(of=("self",)).select_related("gmina", "kind")
        fresh = locked.filter(pk=alert.pk).first()
        if fresh is None:
            raise MoveRefused(details={"move": move.name, "state": None})
        check(move, fresh, by=by)
        step = Step(fresh)
        yield step
        _arrive(move, step, by=by)


def check(move: Move, alert: Alert, *, by: User | None) -> None:
    """Raise unless the alert's state and the user's rights in its gmina allow the move."""
    if (by is None) != (move.action is None):
        raise RightMissing(details={"move": move.name})
    if by is not None and not may(by, str(move.action), alert.gmina):
        raise RightMissing(details={"move": move.name})
    if alert.state not in move.sources:
        raise MoveRefused(details={"move": move.name, "state": alert.state})


def waits_for_other(alert: Alert, user: User, actions: frozenset[str]) -> bool:
    """Whether the two-person rule keeps this person, who may do `actions`, from approving."""
    is_own = user.pk in (alert.author_id, alert.submitted_by_id)
    is_alone = "alert.send_alone" in actions and alert.severity == Severity.EMERGENCY
    return alert.gmina.two_person_rule and is_own and not is_alone


def open_moves(state: str, actions: frozenset[str]) -> list[Move]:
    """The moves a person with these actions can make from a state."""
    return [move for move in MOVES if state in move.sources and move.action in actions]


def _log_once_kept(move: Move, ref: str) -> None:
    """A line in the log for a move that is committed; what is rolled back was never made."""
    extra = {"alert_ref": ref, "move": move.name, "to": move.target}
    transaction.on_commit(lambda: logger.info("alert moved", extra=extra), robust=True)


def _arrive(move: Move, step: Step, *, by: User | None) -> None:
    alert = step.alert
    _log_once_kept(move, alert.ref)
    record(
        move.verb,
        by=by,
        gmina=alert.gmina,
        target_kind="alert",
        target_id=alert.ref,
        **step.data,
    )
    if move.target is None:
        alert.delete()
        return
    alert.state = move.target
    alert.end_reason = move.end_reason
    alert.save()

"""The one table of an alert's moves, and the only way to make one: checked, locked, audited.

draft -> awaiting approval -> scheduled -> sending -> active -> ended

docs/dispatch.md draws it. What a move means beside the state is done by compose.py and updates.py.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import actions_of
from accounts.models import User
from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from dispatch import approval
from dispatch.errors import DraftChanged, MoveRefused, RightMissing
from dispatch.models import Alert

logger = logging.getLogger(__name__)
State = Alert.State
EndReason = Alert.EndReason

# States in which residents can be told of an alert, or have been and it is not over.
RUNNING = frozenset({State.SENDING, State.ACTIVE})
# Handed over by its author, and nothing of it was sent.
WAITING = frozenset({State.AWAITING_APPROVAL, State.SCHEDULED})


@dataclass(frozen=True)
class Move:
    """One permitted change of state.

    `target` None: the alert stays in its state. `actions`: one of them is needed; none: only the
    system makes it, no person may. `deletes`: the row goes.
    """

    name: str
    sources: frozenset[str]
    target: State | None
    actions: frozenset[str]
    verb: Verb
    end_reason: str = ""
    deletes: bool = False


def _move(
    name: str,
    sources: set[State] | frozenset[State],
    target: State | None,
    action: str | tuple[str, ...] | None,
    verb: Verb,
    **more: Any,
) -> Move:
    actions = (action,) if isinstance(action, str) else action or ()
    return Move(name, frozenset(sources), target, frozenset(actions), verb, **more)


EDIT = _move("edit", {State.DRAFT}, None, "alert.write", Verb.ALERT_EDITED)
DELETE = _move("delete", {State.DRAFT}, None, "alert.write", Verb.ALERT_DRAFT_DELETED, deletes=True)
SUBMIT = _move(
    "submit", {State.DRAFT}, State.AWAITING_APPROVAL, "alert.write", Verb.ALERT_SUBMITTED
)
# Its author takes it back before anybody has decided.
RECALL = _move("recall", {State.AWAITING_APPROVAL}, State.DRAFT, "alert.write", Verb.ALERT_RECALLED)
RETURN = _move(
    "return", {State.AWAITING_APPROVAL}, State.DRAFT, "alert.approve", Verb.ALERT_RETURNED
)
# It can't go out as it was handed over: its audience is another one, its street is gone.
SEND_BACK = _move("send_back", WAITING, State.DRAFT, None, Verb.ALERT_SENT_BACK)
# Who of them may is approval.py's to say: an editor only where a rule asks for nobody else.
APPROVE = _move(
    "approve",
    {State.AWAITING_APPROVAL},
    State.SCHEDULED,
    ("alert.approve", "alert.write"),
    Verb.ALERT_APPROVED,
)
# Where the gmina's rules ask for nobody else (approval.py).
SEND = _move("send", {State.DRAFT}, State.SCHEDULED, "alert.write", Verb.ALERT_RELEASED)
# Where they do, and an emergency can't wait.
BYPASS = _move(
    "bypass",
    {State.DRAFT, State.AWAITING_APPROVAL},
    State.SCHEDULED,
    "alert.send_alone",
    Verb.ALERT_BYPASSED,
)
# Nothing was sent yet, so nobody is told.
CANCEL = _move(
    "cancel",
    {State.SCHEDULED},
    State.ENDED,
    "alert.end",
    Verb.ALERT_CANCELLED,
    end_reason=EndReason.CANCELLED,
)
MISS = _move(
    "miss",
    {State.SCHEDULED},
    State.ENDED,
    None,
    Verb.ALERT_MISSED,
    end_reason=EndReason.MISSED,
)
COMPLETE = _move(
    "complete",
    {State.SCHEDULED},
    State.ENDED,
    None,
    Verb.ALERT_COMPLETED,
    end_reason=EndReason.COMPLETED,
)
START_SENDING = _move("start_sending", {State.SCHEDULED}, State.SENDING, None, Verb.ALERT_SENDING)
FINISH_SENDING = _move("finish_sending", {State.SENDING}, State.ACTIVE, None, Verb.ALERT_SENT)
PROPOSE_UPDATE = _move("propose_update", RUNNING, None, "alert.write", Verb.UPDATE_PROPOSED)
APPROVE_UPDATE = _move(
    "approve_update", RUNNING, None, ("alert.approve", "alert.write"), Verb.UPDATE_APPROVED
)
DROP_UPDATE = _move(
    "drop_update", RUNNING, None, ("alert.approve", "alert.write"), Verb.UPDATE_DROPPED
)
# Without a second person, where the rules ask for none, or an emergency can't wait.
SEND_UPDATE = _move("send_update", RUNNING, None, "alert.write", Verb.UPDATE_SENT)
EXTEND = _move("extend", RUNNING, None, "alert.write", Verb.ALERT_EXTENDED)
ALL_CLEAR = _move(
    "all_clear",
    RUNNING,
    State.ENDED,
    "alert.end",
    Verb.ALERT_ALL_CLEAR,
    end_reason=EndReason.ALL_CLEAR,
)
WITHDRAW = _move(
    "withdraw",
    RUNNING,
    State.ENDED,
    "alert.end",
    Verb.ALERT_WITHDRAWN,
    end_reason=EndReason.WITHDRAWN,
)
EXPIRE = _move(
    "expire", RUNNING, State.ENDED, None, Verb.ALERT_EXPIRED, end_reason=EndReason.EXPIRED
)

MOVES = (
    EDIT,
    DELETE,
    SUBMIT,
    RECALL,
    RETURN,
    SEND_BACK,
    APPROVE,
    SEND,
    BYPASS,
    CANCEL,
    MISS,
    COMPLETE,
    START_SENDING,
    FINISH_SENDING,
    PROPOSE_UPDATE,
    APPROVE_UPDATE,
    DROP_UPDATE,
    SEND_UPDATE,
    EXTEND,
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
def moving(
    move: Move,
    alert: Alert,
    *,
    by: User | None,
    version: int | None = None,
    waits: bool = True,
) -> Iterator[Step]:
    """Lock the alert, check the move, let the caller do its work, then change the state and audit.

    All in one transaction: an error anywhere leaves nothing. The caller works on `step.alert`, a
    fresh row: `alert` may be old. `by` None is the system; `version`: the one that the caller has
    read, None: whichever it is. `waits` False: refused where somebody else has the alert in hand,
    who may be freezing an update for a city. Raises MoveRefused, RightMissing or DraftChanged.
    """
    with transaction.atomic():
        fresh = locked(waits=waits).filter(pk=alert.pk).first()
        if fresh is None:
            raise MoveRefused(details={"move": move.name, "state": None})
        check(move, fresh, by=by)
        if version not in (None, fresh.version):
            raise DraftChanged(details=_last_change(fresh))
        step = Step(fresh)
        yield step
        _arrive(move, step, by=by)


def locked(*, waits: bool) -> QuerySet[Alert]:
    """Alerts, locked until the end of the caller's transaction; what others hold is waited for, or
    left out.

    A lock that lets others refer to the alert: a sender that tells staff of trouble has batches
    locked which a freezing waits for.
    """
    rows = Alert.objects.select_for_update(of=("self",), no_key=True, skip_locked=not waits)
    return rows.select_related("gmina", "kind")


def check(move: Move, alert: Alert, *, by: User | None) -> None:
    """Raise unless the alert's state and the user's rights in its gmina allow the move."""
    if (by is None) != (not move.actions):
        raise RightMissing(details={"move": move.name})
    if by is not None and move.actions.isdisjoint(rights_of(by, alert)):
        raise RightMissing(details={"move": move.name})
    if alert.state not in move.sources:
        raise MoveRefused(details={"move": move.name, "state": alert.state})


def open_moves(state: str, actions: frozenset[str]) -> list[Move]:
    """The moves a person with these actions can make from a state."""
    return [move for move in MOVES if state in move.sources and move.actions & actions]


def rights_of(user: User, alert: Alert) -> frozenset[str]:
    """What this person may do in the alert's gmina now, deputies as those they stand in for."""
    return approval.rights(user, alert.gmina, actions_of(user, alert.gmina))


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
    if move.deletes:
        alert.delete()
        return
    alert.state = move.target or alert.state
    alert.end_reason = move.end_reason
    alert.version += 1
    alert.save()


def _last_change(alert: Alert) -> dict[str, Any]:
    """Who was quicker: the name ("" for the system), and when."""
    acts = Event.objects.filter(
        gmina_id=alert.gmina_id, target_kind="alert", target_id=alert.ref
    ).order_by("-id")
    last = acts.values("actor_id", "at").first() or {"actor_id": None, "at": None}
    person = User.objects.filter(pk=last["actor_id"] or 0).values_list("name", flat=True).first()
    at = last["at"] and last["at"].isoformat()
    return {"version": alert.version, "by": person or "", "at": at}

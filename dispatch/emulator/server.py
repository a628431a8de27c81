"""The emulator's HTTP face: what Google's servers answer, and what tests and phones ask."""

import asyncio
import json
import secrets
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from dispatch.emulator import account, answers, validation
from dispatch.emulator.faults import HANG, RESET, SLOW_BODY, Fault, fault_from
from dispatch.emulator.store import Entry, Store

HANG_S = 3600
DRIP_S = 0.2  # between two bytes of a slow body
HEARTBEAT_S = 10  # an empty line, so that a reader of the stream notices a dead connection
NAME_FAKE = "fake_message_id"  # as FCM names what was validated only


@dataclass
class State:
    """Everything the handlers share."""

    account: account.ServiceAccount
    store: Store
    latency_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)


STATE = web.AppKey("state", State)
routes = web.RouteTableDef()


def make_app(log: Path, *, latency_s: float = 0.0) -> web.Application:
    """The application; `log` is its memory, the service account is kept beside it."""
    app = web.Application(client_max_size=1024**2)
    key = account.load_or_make(log.with_name(f"{log.name}.account.json"))
    app[STATE] = State(key, Store(log), latency_s)
    app.add_routes(routes)
    app.on_cleanup.append(_close)
    return app


async def _close(app: web.Application) -> None:
    app[STATE].store.close()


@routes.get("/service-account.json")
async def service_account(request: web.Request) -> web.Response:
    """The throw-away key: whoever reaches the emulator may send through it."""
    return web.json_response(request.app[STATE].account.credentials(_token_uri(request)))


@routes.post("/token")
async def token(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        granted = request.app[STATE].account.exchange(form, _token_uri(request))
    except account.GrantRefused as refused:
        body = {"error": refused.error, "error_description": str(refused)}
        return web.json_response(body, status=400)
    request.app[STATE].answered["TOKEN"] += 1
    return web.json_response(granted)


@routes.post("/v1/projects/{project}/messages:send")
async def send(request: web.Request) -> web.Response:
    state = request.app[STATE]
    await asyncio.sleep(state.latency_s)
    try:
        name = await _send(request, state)
    except answers.Refusal as refusal:
        state.answered[_code_of(refusal)] += 1
        if refusal.raw:
            return web.Response(status=refusal.http, text=refusal.raw, content_type="text/html")
        return web.json_response(refusal.body(), status=refusal.http, headers=refusal.headers)
    state.answered["OK"] += 1
    return web.json_response({"name": f"projects/{account.PROJECT}/messages/{name}"})


async def _send(request: web.Request, state: State) -> str:
    """The new message's id; raises Refusal."""
    if not state.account.admits(request.headers.get("Authorization", "")):
        raise answers.unauthenticated()
    if request.match_info["project"] != account.PROJECT:
        raise answers.permission_denied()
    accepted = validation.check(await _json(request))
    fault = next((fault for fault in state.faults if fault.meets(accepted.target)), None)
    if fault is not None:
        await _strike(request, state, fault, accepted)
    if accepted.validate_only:
        return NAME_FAKE
    await _deliver(state, accepted)
    return f"0:{time.time_ns() // 1000}%{secrets.token_hex(8)}"


async def _strike(
    request: web.Request, state: State, fault: Fault, accepted: validation.Accepted
) -> None:
    if fault.delivered:
        await _deliver(state, accepted)
    if fault.error == HANG:
        await asyncio.sleep(HANG_S)
    if fault.error == SLOW_BODY:
        await _drip(request)
    if fault.error in {HANG, RESET, SLOW_BODY}:
        _reset(request)
        raise answers.Refusal(500, fault.error, "the connection is gone")
    raise fault.refusal()


async def _drip(request: web.Request) -> None:
    """Begin a good answer and never come to its end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(int(HANG_S / DRIP_S)):
        await response.write(b" ")
        await asyncio.sleep(DRIP_S)


async def _deliver(state: State, accepted: validation.Accepted) -> None:
    state.store.add(accepted.target, accepted.message)
    async with state.news:
        state.news.notify_all()


def _reset(request: web.Request) -> None:
    """Cut the connection with a TCP reset instead of an answer."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


@routes.get("/inbox/{token}")
async def inbox(request: web.Request) -> web.Response:
    """What one phone received, for simulated phones that poll."""
    store = request.app[STATE].store
    found = store.inbox(request.match_info["token"], _after(request))
    messages = [{key: entry[key] for key in ("n", "at", "message")} for entry in found]
    return web.json_response({"messages": messages, "last": store.last})


@routes.get("/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """Everything that is accepted, as it comes: one JSON object a line, empty lines between."""
    state, seen = request.app[STATE], _after(request)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    while True:
        for entry in state.store.after(seen):
            seen = entry["n"]
            await response.write(_line(entry))
        async with state.news:
            if not state.store.after(seen) and not await _news_within(state, HEARTBEAT_S):
                await response.write(b"\n")


async def _news_within(state: State, seconds: float) -> bool:
    try:
        await asyncio.wait_for(state.news.wait(), seconds)
    except TimeoutError:
        return False
    return True


@routes.post("/inject")
async def inject(request: web.Request) -> web.Response:
    """Order an error: the body has the fields of faults.Fault."""
    try:
        fault = fault_from(await _json(request))
    except (TypeError, ValueError, answers.Refusal) as error:
        return web.json_response({"error": str(error)}, status=400)
    request.app[STATE].faults.append(fault)
    return web.json_response({"faults": len(request.app[STATE].faults)}, status=201)


@routes.delete("/inject")
async def heal(request: web.Request) -> web.Response:
    request.app[STATE].faults.clear()
    return web.Response(status=204)


@routes.get("/stats")
async def stats(request: web.Request) -> web.Response:
    """How many messages were accepted, for how many targets, and every answer by its code."""
    state = request.app[STATE]
    return web.json_response(
        {
            "accepted": state.store.last,
            "tokens": state.store.tokens,
            "answers": dict(state.answered),
        }
    )


async def _json(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise answers.Refusal(
            400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unexpected token."
        ) from error


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def _after(request: web.Request) -> int:
    try:
        return int(request.query.get("after", "0"))
    except ValueError as error:
        raise web.HTTPBadRequest(text="after must be a number") from error


def _token_uri(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}/token"


def _code_of(refusal: answers.Refusal) -> str:
    codes = [detail.get("errorCode") for detail in refusal.details]
    return next((code for code in codes if code), refusal.status or str(refusal.http))

"""/healthz says that the process lives; /readyz whether it may be given work, and why not.

Both are open, so a check answers with a code only: an address or an error's text stays in the log.
"""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Gmina
from dispatch.errors import DemoSendsNothing, FcmNotConfigured
from dispatch.fcm import transport

logger = logging.getLogger(__name__)

OK = "ok"
REDIS_TIMEOUT_S = 2


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("readyz: PostgreSQL does not answer")
        return "database_unreachable"
    return OK


def migrations() -> str:
    """The schema must be this code's; an older one would fail in the middle of an alert."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return "database_unreachable"
    return (
        "migrations_missing" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else OK
    )


def redis_server() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
        ) as client:
            client.ping()
    except redis.RedisError:
        logger.warning("readyz: Redis does not answer")
        return "redis_unreachable"
    return OK


def fcm() -> str:
    """Exactly one transport must be configured; the credentials themselves are not tried."""
    try:
        transport()
    except FcmNotConfigured as error:
        return error.code
    return OK


def demo() -> str:
    """A demo gmina (made-up residents, logins known to all) has no place beside real sending."""
    if settings.FCM_CREDENTIALS and Gmina.objects.filter(is_demo=True).exists():
        return DemoSendsNothing.code
    return OK


# name → (check, needed). Redis only wakes: without it the clock process drains the queue itself.
CHECKS: dict[str, tuple[Callable[[], str], bool]] = {
    "database": (database, True),
    "migrations": (migrations, True),
    "redis": (redis_server, False),
    "fcm": (fcm, True),
    "demo": (demo, True),
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 with status ready or degraded, 503 with failing; each check's code beside it."""
    answers = {name: check() for name, (check, _) in CHECKS.items()}
    broken = {name for name, answer in answers.items() if answer != OK}
    failing = any(CHECKS[name][1] for name in broken)
    status = "failing" if failing else "degraded" if broken else "ready"
    return JsonResponse({"status": status, "checks": answers}, status=503 if failing else 200)


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]

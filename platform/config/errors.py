"""The only table error class -> HTTP status, and the one handler of REST errors."""

from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler


def exception_handler(exc: Exception, context: dict[str, object]) -> Response | None:
    return drf_exception_handler(exc, context)

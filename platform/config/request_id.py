"""Gives every request an id: in each log line, in the X-Request-Id header, in error answers."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.log_config import request_id


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex[:16])
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            return response
        finally:
            request_id.reset(token)

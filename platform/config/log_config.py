"""JSON logs, one event a line, each with the request's id. Never a secret, a text or a place."""

import logging
import re
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Django adds the request to its warnings; its repr holds the query, as /api/v1/locate?lat=…&lon=….
NEVER = ["request"]
SECRETS = re.compile(
    r"""(Device\ [0-9a-fA-F-]{36}:   # a phone's secret
    |/account/invitation/[\w-]+/     # a one-time link
    |Bearer\s)[\w.~+/=-]+""",
    re.VERBOSE,
)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RedactingFormatter(JsonFormatter):
    """The last net under everything that is logged, texts of exceptions included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, reserved_attrs=[*RESERVED_ATTRS, *NEVER], **kwargs)

    def format(self, record: logging.LogRecord) -> str:
        return SECRETS.sub(r"\1[…]", super().format(record))


def logging_config(*, level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "config.log_config.RequestIdFilter"}},
        "formatters": {
            "json": {
                "()": "config.log_config.RedactingFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                "json_ensure_ascii": False,
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["request_id"],
            }
        },
        # At DEBUG it would log whole envelopes, with the password for GUS's service in them.
        "loggers": {"zeep": {"level": "INFO"}},
        "root": {"handlers": ["stderr"], "level": level},
    }

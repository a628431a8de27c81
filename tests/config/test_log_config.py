"""Log lines: JSON, with the request's id, without secrets and places."""

import json
import logging
import logging.config

import pytest

from config.log_config import RedactingFormatter, RequestIdFilter, logging_config, request_id


@pytest.fixture
def line_of():
    """Formats a record as the stderr handler would."""
    settings = logging_config(level="INFO")["formatters"]["json"]
    options = {"rename_fields": settings["rename_fields"], "json_ensure_ascii": False}
    formatter = RedactingFormatter(settings["format"], **options)

    def line(message, *args, exc_info=None, **extra):
        record = logging.makeLogRecord(
            {"name": "dispatch.sender", "levelname": "INFO", "msg": message, "args": args} | extra
        )
        record.exc_info = exc_info
        RequestIdFilter().filter(record)
        return formatter.format(record)

    return line


def test_a_line_is_json_with_its_ids(line_of):
    token = request_id.set("abc123")
    data = json.loads(line_of("batch %s done", 7, alert_id=12, place="Łódź"))
    request_id.reset(token)
    assert (data["message"], data["alert_id"], data["request_id"]) == ("batch 7 done", 12, "abc123")
    assert (data["level"], data["logger"]) == ("INFO", "dispatch.sender")
    assert "Łódź" in line_of("x", place="Łódź")


@pytest.mark.parametrize(
    "text",
    [
        "Device 6c1f6d4e-0d0c-4a53-9f2b-0123456789ab:SEKRET-x_1",
        "Not Found: /account/invitation/MTI/SEKRET-123/",
        "Authorization: Bearer SEKRET.abc-def",
    ],
)
def test_secrets_are_cut_from_messages_extras_and_exceptions(line_of, text):
    assert "SEKRET" not in line_of(text)
    assert "SEKRET" not in line_of("x", header=text)
    try:
        raise ValueError(text)
    except ValueError as error:
        line = line_of("failed", exc_info=(ValueError, error, error.__traceback__))
    assert "SEKRET" not in line
    assert "ValueError" in json.loads(line)["exc_info"]


def test_where_somebody_is_does_not_get_into_the_log(client, capsys, db):
    """Django attaches the request, whose repr has the whole query, to its warnings."""
    logger = logging.getLogger("django.request")
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(message)s"))
    logger.addHandler(handler)
    client.get("/api/v1/nie-ma?lat=50.123456&lon=18.9")
    logger.removeHandler(handler)
    written = capsys.readouterr().err
    assert "/api/v1/nie-ma" in written
    assert "50.123456" not in written


def test_the_configuration_of_the_settings_loads(settings):
    logging.config.dictConfig(settings.LOGGING)
    assert isinstance(logging.getLogger().handlers[0].formatter, RedactingFormatter)

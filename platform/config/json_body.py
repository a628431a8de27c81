"""Reads the JSON body of REST requests: limited, and nothing PostgreSQL could not store."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class LimitedJSONParser(JSONParser):
    """DRF's own reads bodies of any size, and takes 1e999, "\\u0000" and lone surrogates."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            text = body.decode()
            data = json.loads(text, parse_float=finite, parse_constant=finite)
            if "\\u" in text:
                check_characters(data)
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        return data


def finite(text: str) -> float:
    """Raises ValueError for NaN, infinities and numbers beyond a float."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def check_characters(data: Any) -> None:
    """Raises ValueError for escaped characters that no UTF-8 text column can hold."""
    if isinstance(data, str):
        if "\x00" in data.encode().decode():  # encode refuses lone surrogates
            raise ValueError("NUL in a text")
    elif isinstance(data, list):
        for item in data:
            check_characters(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            check_characters(key)
            check_characters(value)

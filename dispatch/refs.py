"""The public name of an alert, `{slug}-{year}-{number}`, as part of an address."""

import re

from django.urls.converters import StringConverter

REF = r"[-a-zA-Z0-9_]{1,63}-[0-9]{4}-[0-9]{1,10}"


class RefConverter(StringConverter):
    """`<ref:ref>`: an address with anything else is none, so no query sees odd characters."""

    regex = REF


def is_ref(text: str) -> bool:
    """Whether an alert could be named so."""
    return re.fullmatch(REF, text) is not None

"""What a browser sends of a form in a page: its fields with the values they came with."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """Named inputs of the first POST form."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and not self._done:
            self._inside = (values.get("method") or "").lower() == "post"
        if tag == "input" and self._inside and (name := values.get("name")):
            self.fields[name] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._inside:
            self._inside, self._done = False, True


def fields_of(page: str) -> dict[str, str]:
    """Name → value of the first POST form's inputs; {} where the page has none."""
    parser = _Fields()
    parser.feed(page)
    return parser.fields


def filled(fields: dict[str, str], **typed: str) -> dict[str, str]:
    """The form with what was typed; a field is named by the end of its name, its step before it.

    Raises KeyError where the form has no such field: the page is not the one that was expected.
    """
    full = dict(fields)
    for ending, value in typed.items():
        names = [name for name in fields if name == ending or name.endswith(f"-{ending}")]
        if len(names) != 1:
            raise KeyError(f"no field {ending} among {', '.join(fields) or 'none'}")
        full[names[0]] = value
    return full

"""What a browser sends of a form in a page: its fields with the values they came with."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """The named inputs of each POST form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._inside = (values.get("method") or "").lower() == "post"
            if self._inside:
                self.forms.append({})
        if tag == "input" and self._inside and (name := values.get("name")):
            self.forms[-1][name] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class FormMissing(Exception):
    """The page has no form with these fields: it is not the page that was expected."""


def filled(page: str, **typed: str) -> dict[str, str]:
    """The form that has these fields, with what was typed; all names as the server reads them.

    A field is named by the end of its name, its step stands before it: "auth-username".
    Raises FormMissing.
    """
    parser = _Forms()
    parser.feed(page)
    for form in parser.forms:
        names = {ending: _named(form, ending) for ending in typed}
        if all(names.values()):
            return form | {names[ending]: value for ending, value in typed.items()}
    raise FormMissing(f"no form with {', '.join(typed)}")


def _named(form: dict[str, str], ending: str) -> str:
    return next((name for name in form if name.split("-", 1)[-1] == ending), "")

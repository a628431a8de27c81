"""The form with which an officer names a web feature service."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from gis_layers.imports import nightly

ADD, READ, REMOVE = "add_source", "read_source", "remove_source"
ACTS = (ADD, READ, REMOVE)


class SourceForm(forms.Form):
    """First the address; what there is to read at it is offered then."""

    use_required_attribute = False
    url = forms.URLField(
        label=gettext_lazy("Address of the WFS"), max_length=500, assume_scheme="https"
    )
    title = forms.CharField(
        label=gettext_lazy("What you call it"),
        max_length=80,
        help_text=gettext_lazy("For example: streets of EMUiA."),
    )
    type_name = forms.CharField(
        label=gettext_lazy("What is to be read?"),
        max_length=200,
        required=False,
        widget=forms.HiddenInput,
    )
    nightly = forms.BooleanField(
        label=gettext_lazy("Read it every night"),
        help_text=gettext_lazy("What differs waits here in the morning; nothing is published."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "url" not in said:
            return said
        try:
            offered = {one.name: one.title or one.name for one in nightly.offered(said["url"])}
        except DomainError as refusal:
            self.add_error("url", refusal.text)
            return said
        self.offer(offered)
        if said.get("type_name") not in offered:
            self.add_error("type_name", _("Choose what is to be read."))
        return said

    def offer(self, names: dict[str, str]) -> None:
        """Show the choice: until the address is known the field is hidden."""
        self.fields["type_name"].widget = forms.Select(choices=list(names.items()))

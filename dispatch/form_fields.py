"""Fields that several staff forms ask for: a kind of alert, a person, a moment."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Gmina, User
from dispatch.models import Kind


class KindField(forms.ModelChoiceField):
    """One of the gmina's kinds in use, by its title in the reader's language."""

    def __init__(self, gmina: Gmina, *, empty: str, required: bool) -> None:
        used = Kind.objects.filter(gmina=gmina, active=True)
        label = gettext_lazy("Topic")
        super().__init__(queryset=used, label=label, empty_label=empty, required=required)

    def label_from_instance(self, kind: Any) -> str:
        return str(kind.title_pl if get_language() == "pl" else kind.title_en)


class PersonField(forms.ModelChoiceField):
    """One of these people, by name."""

    def __init__(self, people: QuerySet[User], *, label: str, help_text: str = "") -> None:
        by_name = people.order_by("name", "email")
        super().__init__(
            queryset=by_name, label=label, help_text=help_text, empty_label=_("choose")
        )

    def label_from_instance(self, user: Any) -> str:
        return f"{user.name} ({user.email})"


class MomentField(forms.DateTimeField):
    """A date and time as the clock on the wall shows it; one that does not exist is refused."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

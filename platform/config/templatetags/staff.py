"""What every page's frame asks: whether this is a show, and as whom one is signed in."""

from django import template
from django.conf import settings
from django.utils.formats import number_format

from accounts.models import Gmina, User

register = template.Library()


@register.simple_tag
def emulator_in_use() -> bool:
    """Whether messages go to the emulator: then every page says so."""
    return bool(settings.FCM_EMULATOR_URL)


@register.simple_tag
def roles_in(user: User, gmina: Gmina) -> str:
    """The user's roles in the gmina, as staff read them: "editor, approver"."""
    memberships = user.memberships.filter(gmina=gmina).order_by("role")
    return ", ".join(str(membership.get_role_display()) for membership in memberships)


@register.filter
def grouped(number: int) -> str:
    """18 000: thousands apart, as the language writes them."""
    return number_format(number, use_l10n=True, force_grouping=True)

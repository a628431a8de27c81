"""The line of unread notices on every staff page."""

from typing import Any

from django import template

from accounts.models import Gmina, User
from dispatch import notices
from dispatch.notice_pages import Row

register = template.Library()


@register.simple_tag
def unread_notices(user: User, gmina: Gmina) -> dict[str, Any]:
    """The newest unread notice and how many more there are; {} for none."""
    found = list(notices.unread(user, gmina)[:100])
    return {"newest": Row(found[0], is_open=True), "more": len(found) - 1} if found else {}

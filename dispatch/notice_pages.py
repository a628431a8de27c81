"""What one was told, as the panel shows it: a line on every page, a list, and "read"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import StaffRequest, staff_view
from accounts.language import own_page
from accounts.models import Gmina
from dispatch import notice_words, notices
from dispatch.models import StaffNotice

PAGE_SIZE = 30
ALL = "all"


@dataclass(frozen=True)
class Row:
    """One notice in words. `is_open`: it still asks something, or was not read."""

    notice: StaffNotice
    is_open: bool

    @property
    def headline(self) -> str:
        return notice_words.headline(self.notice)

    @property
    def sentence(self) -> str:
        return notice_words.sentence(self.notice)

    @property
    def path(self) -> str:
        return notice_words.path(self.notice)

    @property
    def at(self) -> datetime:
        return self.notice.created_at


def rows(told: Iterable[StaffNotice], unread: Iterable[int]) -> list[Row]:
    """`unread`: ids of those that are open."""
    known = frozenset(unread)
    return [Row(notice, notice.pk in known) for notice in told]


@staff_view("alert.read", "layer.write", writes=True)
def page(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """One's own notices here, newest first. POST with `read`, an id or "all", marks as read."""
    if request.method == "POST":
        wanted = request.POST.get("read", "")
        if wanted == ALL or wanted.isdecimal():
            pk = None if wanted == ALL else int(wanted)
            notices.mark_read(request.user, gmina, pk=pk)
        return redirect(own_page(request))
    told = Paginator(notices.of_user(request.user, gmina), PAGE_SIZE)
    shown = told.get_page(request.GET.get("page"))
    unread = notices.unread(request.user, gmina).values_list("pk", flat=True)
    context = {"page": shown, "rows": rows(shown, unread)}
    return render(request, "staff/notices.html", context)

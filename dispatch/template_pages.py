"""The pages of templates: list, write, approve, take out of use."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina, User
from dispatch import approval, message_templates, payload
from dispatch.approval_rules import SEVERITY_NAMES
from dispatch.errors import DispatchError, PayloadTooLarge
from dispatch.form_fields import KindField
from dispatch.message_templates import BLANKS_MAX, FIELDS, Wording
from dispatch.models import Severity, Template

MAKERS = ("gmina.settings", approval.APPROVE)
TITLE_MAX = 100
BODY_MAX = 4000
LANGS = ("pl", "en")


class Words(forms.CharField):
    def __init__(self, label: Any, rows: int, *, required: bool = False) -> None:
        super().__init__(
            label=label,
            required=required,
            max_length=BODY_MAX,
            widget=forms.Textarea(attrs={"rows": rows}),
        )


class TemplateForm(forms.Form):
    """A template's name, kind and words; English is whole or absent."""

    title = forms.CharField(
        label=gettext_lazy("Name of the template"),
        help_text=gettext_lazy("As officers choose it: “Water failure, one street”."),
        max_length=TITLE_MAX,
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("How serious"), choices=SEVERITY_NAMES.items(), initial="important"
    )
    pl_title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("Write a blank like this: {{street}}. The officer is asked for it."),
        max_length=TITLE_MAX,
    )
    pl_body = Words(gettext_lazy("Text"), 5, required=True)
    pl_instruction = Words(gettext_lazy("What to do"), 2)
    en_title = forms.CharField(
        label=gettext_lazy("English title"), required=False, max_length=TITLE_MAX
    )
    en_body = Words(gettext_lazy("English text"), 4)
    en_instruction = Words(gettext_lazy("English: what to do"), 2)

    def __init__(self, gmina: Gmina, template: Template | None, *args: Any) -> None:
        super().__init__(*args)
        self.initial = initial(template) if template else {}
        self.others = Template.objects.filter(gmina=gmina, active=True)
        if template:
            self.others = self.others.exclude(pk=template.pk)
        self.fields["kind"] = KindField(gmina, empty=_("choose"), required=True)
        self.order_fields(["title", "kind"])

    def clean_title(self) -> str:
        title = str(self.cleaned_data["title"])
        if self.others.filter(title=title).exists():
            raise forms.ValidationError(_("There is a template of this name already."))
        return title

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if any(given.get(f"en_{field}") for field in FIELDS):
            for field in ("title", "body"):
                if not given.get(f"en_{field}"):
                    self.add_error(f"en_{field}", _("Write the English title and text, or none."))
        for name in (f"{lang}_{field}" for lang in LANGS for field in FIELDS):
            if _has_braces(message_templates.BLANK.sub("", given.get(name, ""))):
                self.add_error(name, _("A blank is written like this: {{street}}."))
        if not self.errors:
            self._check_whole()
        return given

    def _check_whole(self) -> None:
        texts = self.wording.texts
        if len(message_templates.blanks(texts)) > BLANKS_MAX:
            self.add_error(None, _("At most %(n)d blanks are possible.") % {"n": BLANKS_MAX})
        try:
            payload.check(texts)
        except PayloadTooLarge as refusal:
            field = str(refusal.field).removeprefix("texts.")
            self.add_error(field.replace(".", "_"), refusal.text)

    @property
    def wording(self) -> Wording:
        given = self.cleaned_data
        texts = {
            lang: {field: _plain(given[f"{lang}_{field}"]) for field in FIELDS}
            for lang in LANGS
            if given.get(f"{lang}_title")
        }
        return Wording(given["title"], given["kind"], given["severity"], texts)


def initial(template: Template) -> dict[str, Any]:
    words = message_templates.words_of(template)
    texts = {f"{lang}_{field}": words[lang][field] for lang in words for field in FIELDS}
    start = {"title": template.title, "kind": template.kind_id, "severity": template.severity}
    return start | texts


@staff_view(*MAKERS)
def listed(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    found = Template.objects.filter(gmina=gmina, active=True).select_related("kind")
    templates = list(found.prefetch_related("texts"))
    ids = {pk for one in templates for pk in (one.approved_by_id, one.changed_by_id) if pk}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    rows = [row(template, names) for template in templates]
    return render(request, "staff/templates.html", {"rows": rows})


def row(template: Template, names: dict[int, str]) -> dict[str, Any]:
    texts = message_templates.words_of(template)
    return {
        "template": template,
        "text": texts.get("pl", {}),
        "severity": SEVERITY_NAMES[Severity(template.severity)],
        "blanks": message_templates.blanks(texts),
        "approved_by": names.get(template.approved_by_id or 0, ""),
        "changed_by": names.get(template.changed_by_id, ""),
    }


@staff_view(*MAKERS, writes=True)
def new(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    form = TemplateForm(gmina, None, request.POST or None)
    if form.is_valid() and (
        made := _kept(form, lambda: message_templates.create(gmina, form.wording, by=request.user))
    ):
        messages.success(request, _("The template is kept. Somebody else has to approve it."))
        return redirect("staff:template", slug=gmina.slug, template_id=made.pk)
    return render(request, "staff/template.html", {"form": form, "template": None})


@staff_view(*MAKERS, writes=True)
def one(request: StaffRequest, gmina: Gmina, template_id: int) -> HttpResponse:
    """POST with `act`: change, approve (with `changed_at`) or retire."""
    found = Template.objects.select_related("kind").filter(gmina=gmina, active=True)
    template = get_object_or_404(found, pk=template_id)
    act = request.POST.get("act", "")
    form = TemplateForm(gmina, template, request.POST if act == "change" else None)
    if act in ACTS and (answer := ACTS[act](request, template, form)):
        return answer
    names = dict(User.objects.filter(pk=template.changed_by_id).values_list("pk", "name"))
    may_approve = approval.APPROVE in request.actions and request.user.pk != template.changed_by_id
    context = {"form": form, "template": template, "may_approve": may_approve}
    return render(request, "staff/template.html", context | row(template, names))


def change(request: StaffRequest, template: Template, form: TemplateForm) -> HttpResponse | None:
    if not form.is_valid() or not _kept(
        form, lambda: message_templates.change(template, form.wording, by=request.user)
    ):
        return None
    messages.success(request, _("The template is kept. Somebody else has to approve a change."))
    return redirect("staff:templates", slug=request.gmina.slug)


def approve(request: StaffRequest, template: Template, _form: TemplateForm) -> HttpResponse | None:
    if approval.APPROVE not in request.actions:
        messages.error(request, _("Your role does not allow this."))
        return None
    try:
        changed_at = request.POST.get("changed_at", "")
        message_templates.approve(template, by=request.user, changed_at=changed_at)
    except DispatchError as refusal:
        messages.error(request, refusal.text)
        return None
    messages.success(request, _("The template is approved."))
    return redirect("staff:templates", slug=request.gmina.slug)


def retire(request: StaffRequest, template: Template, _form: TemplateForm) -> HttpResponse:
    message_templates.retire(template, by=request.user)
    messages.success(request, _("The template is out of use."))
    return redirect("staff:templates", slug=request.gmina.slug)


ACTS: dict[str, Callable[[StaffRequest, Template, TemplateForm], HttpResponse | None]] = {
    "change": change,
    "approve": approve,
    "retire": retire,
}


def _kept(form: TemplateForm, write: Callable[[], Template]) -> Template | None:
    """What was written; None where somebody took the name a moment ago."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        form.add_error("title", _("There is a template of this name already."))
        return None


def _has_braces(text: str) -> bool:
    """Whether a blank was begun that is none."""
    return "{{" in text or "}}" in text


def _plain(text: str) -> str:
    """With the line ends that the composer sends: a browser's form has two characters for one."""
    return text.replace("\r\n", "\n").strip()

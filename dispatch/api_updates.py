"""REST for staff: what is told of an alert while it runs."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch import api_forms as forms
from dispatch import updates
from dispatch.api import AlertsBase, checked
from dispatch.models import Alert, AlertUpdate


class ProposeUpdateView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_update",
        request=forms.UpdateSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Hand new words for a running alert over for approval. 409 update_awaits: one waits."""
        alert = self.found(ref)
        updates.propose(alert, checked(forms.UpdateSerializer, request), by=self.user)
        return self.answer(alert)


class SendUpdateView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_update_send",
        request=forms.UpdateAloneSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Send new words where the rules ask for nobody else.

        Where they do (403 two_person_rule), a crisis officer may update an emergency alone, with
        a reason.
        """
        given = checked(forms.UpdateAloneSerializer, request)
        alert = self.found(ref)
        self.confirm_wide(request, alert)
        updates.send(alert, given, by=self.user, reason=given["reason"])
        return self.answer(alert)


class ApproveUpdateView(AlertsBase):
    # A deputy may have no more than this of their own; states.py asks for the rest.
    needs = "alert.read"

    @extend_schema(
        operation_id="staff_alert_update_approve",
        request=forms.UpdateChoiceSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Send the update that waits. 409 update_gone: it was decided meanwhile."""
        given = checked(forms.UpdateChoiceSerializer, request)
        alert = self.found(ref)
        self.confirm_wide(request, alert)
        updates.approve(_update_of(alert, given), by=self.user)
        return self.answer(alert)


class DropUpdateView(AlertsBase):
    needs = "alert.read"

    @extend_schema(
        operation_id="staff_alert_update_drop",
        request=forms.UpdateDropSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Take the update back that waits, or send it back with a reason. Nobody is told."""
        given = checked(forms.UpdateDropSerializer, request)
        alert = self.found(ref)
        updates.drop(_update_of(alert, given), by=self.user, reason=given["reason"])
        return self.answer(alert)


class ExtendView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_extend",
        request=forms.ExtensionSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """It takes longer: tell those who had the alert of the new expected end."""
        given = checked(forms.ExtensionSerializer, request)
        return self.answer(updates.extend(self.found(ref), by=self.user, **given).alert)


def _update_of(alert: Alert, given: dict[str, Any]) -> AlertUpdate:
    known = AlertUpdate.objects.select_related("alert")
    return get_object_or_404(known, alert=alert, pk=given["update_id"])

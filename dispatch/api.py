"""The staff's REST API of one gmina's alerts: parse, call one function, answer."""

from typing import Any, ClassVar, cast

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.access import StaffGminaView
from accounts.confirm import require_confirmed
from accounts.models import User
from dispatch import api_forms as forms
from dispatch import areas, compose, kinds, previews, shown
from dispatch.errors import AlertChanged
from dispatch.models import Alert, Kind
from dispatch.refs import is_ref

PAGE = 50  # alerts an answer


class AlertsBase(StaffGminaView):
    """Finds alerts: who may read only active ones gets nothing of any other."""

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def running_only(self) -> bool:
        return "alert.read" not in self.actions

    def found(self, ref: str) -> Alert:
        alerts = shown.alerts_of(self.gmina, running_only=self.running_only)
        alert = alerts.filter(ref=ref).first() if is_ref(ref) else None
        if alert is None:
            raise Http404
        return alert

    def answer(self, alert: Alert, status: int = 200) -> Response:
        return Response(shown.one(alert, self.user, self.actions), status=status)


class AudienceView(AlertsBase):
    needs = "audience.preview"

    @extend_schema(
        operation_id="audience_preview",
        request=forms.AudienceRequestSchema,
        responses=forms.AudienceSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        """Count who would be told. Counts below 5, of free shapes below 20, are masked."""
        asked = checked(forms.AudienceRequestSerializer, request)
        chosen = areas.parse_parts(self.gmina, asked["parts"])
        kind = kinds.chosen(self.gmina, asked) if asked["kind"] is not None else None
        answer = previews.ask(self.gmina, chosen, kind, asked["severity"], by=self.user)
        figures = answer.shown.to_json()
        return Response({**figures, "hash": answer.hash, "warnings": answer.warnings})


class KindsView(StaffGminaView):
    needs = "alert.read_active"

    @extend_schema(operation_id="gmina_kinds", responses=forms.GminaKindSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The kinds of alert that this gmina uses."""
        active = Kind.objects.filter(gmina=self.gmina, active=True)
        return Response(forms.GminaKindSerializer(active, many=True).data)


class AlertsView(AlertsBase):
    needs: ClassVar[dict[str, str]] = {"GET": "alert.read_active", "POST": "alert.write"}

    @extend_schema(
        operation_id="staff_alert_list",
        parameters=[
            OpenApiParameter("running", bool, description="only what is being told now"),
            OpenApiParameter(
                "before", str, description="ref of the last alert of the answer before"
            ),
        ],
        responses=forms.AlertSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Fifty alerts, newest first; who reads only active ones gets those."""
        running = self.running_only or request.query_params.get("running") in ("1", "true")
        alerts = shown.alerts_of(self.gmina, running_only=running)
        if before := request.query_params.get("before"):
            alerts = alerts.filter(pk__lt=self.found(before).pk)
        return Response(shown.many(alerts[:PAGE], self.user, self.actions))

    @extend_schema(
        operation_id="staff_alert_create",
        request=forms.DraftSchema,
        responses={201: forms.AlertSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Keep a draft. It may lack words and parts; what is there must be right."""
        draft = checked(forms.DraftSerializer, request)
        return self.answer(compose.create_draft(self.gmina, draft, by=self.user), 201)


class AlertView(AlertsBase):
    needs: ClassVar[dict[str, str]] = {
        "GET": "alert.read_active",
        "PATCH": "alert.write",
        "DELETE": "alert.write",
    }

    @extend_schema(operation_id="staff_alert", responses=forms.AlertSerializer)
    def get(self, request: Request, slug: str, ref: str) -> Response:
        """One alert; who reads only active ones finds no other."""
        return Response(shown.many([self.found(ref)], self.user, self.actions)[0])

    @extend_schema(
        operation_id="staff_alert_change",
        request=forms.DraftSchema(partial=True),
        responses=forms.AlertSerializer,
    )
    def patch(self, request: Request, slug: str, ref: str) -> Response:
        """Change what is given of a draft."""
        draft = checked(forms.DraftSerializer, request, partial=True)
        return self.answer(compose.update_draft(self.found(ref), draft, by=self.user))

    @extend_schema(operation_id="staff_alert_delete", responses={204: None})
    def delete(self, request: Request, slug: str, ref: str) -> Response:
        """Delete a draft."""
        compose.delete_draft(self.found(ref), by=self.user)
        return Response(status=204)


class SubmitView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_submit",
        request=forms.SubmissionSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Hand a complete draft over for approval."""
        given = checked(forms.SubmissionSerializer, request)
        alert = compose.submit(self.found(ref), by=self.user, previewed=given["seen_hash"])
        return self.answer(alert)


class ReturnView(AlertsBase):
    needs = "alert.approve"

    @extend_schema(
        operation_id="staff_alert_return",
        request=forms.ReturnSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Give a submitted alert back to its author, with a reason."""
        given = checked(forms.ReturnSerializer, request)
        return self.answer(
            compose.return_for_correction(self.found(ref), by=self.user, reason=given["reason"])
        )


class ApproveView(AlertsBase):
    needs = "alert.approve"

    @extend_schema(
        operation_id="staff_alert_approve",
        request=forms.ApprovalSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Approve and send. 409 audience_changed: nothing was sent, it is a draft again.

        409 alert_changed: it was submitted anew since `submitted_at`. The whole gmina is told only
        after a one-time code given lately.
        """
        given = checked(forms.ApprovalSerializer, request)
        alert = self.found(ref)
        if alert.submitted_at != given["submitted_at"]:
            raise AlertChanged
        if areas.aims_at_everyone(alert):
            require_confirmed(request)
        return self.answer(compose.approve(alert, by=self.user).alert)


class AllClearView(AlertsBase):
    needs = "alert.end"

    @extend_schema(
        operation_id="staff_alert_all_clear",
        request=forms.EndingSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """It is over: end the alert and tell those who had it."""
        texts = checked(forms.EndingSerializer, request).get("texts", {})
        return self.answer(compose.all_clear(self.found(ref), by=self.user, texts=texts).alert)


class WithdrawView(AlertsBase):
    needs = "alert.end"

    @extend_schema(
        operation_id="staff_alert_withdraw",
        request=forms.EndingSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """It was a mistake: end the alert and tell those who had it."""
        texts = checked(forms.EndingSerializer, request).get("texts", {})
        return self.answer(compose.withdraw(self.found(ref), by=self.user, texts=texts).alert)


def checked(form: type[Serializer[Any]], request: Request, *, partial: bool = False) -> Any:
    """The request's body as the form has it; raises ValidationError naming the fields."""
    serializer = form(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data

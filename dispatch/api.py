"""The staff's REST API of one gmina's alerts: parse, call one function, answer."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import Http404
from django.utils.http import quote_etag
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.access import StaffGminaView
from accounts.confirm import require_confirmed
from accounts.models import User
from dispatch import api_forms as forms
from dispatch import areas, compose, idempotency, kinds, previews, shown
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
        body = shown.one(alert, self.user, self.actions)
        return Response(body, status=status, headers={"ETag": etag(body["version"])})

    def confirm_wide(self, request: Request, alert: Alert) -> None:
        """The whole gmina is told only after a one-time code given lately."""
        if areas.aims_at_everyone(alert):
            require_confirmed(request)


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
        return Response(
            {
                **answer.shown.to_json(),
                "hash": answer.hash,
                "warnings": answer.warnings,
                "alone": self._alone(asked, kind, answer.residents),
            }
        )

    def _alone(self, asked: Mapping[str, Any], kind: Kind | None, residents: int) -> str:
        """How this person could send the draft that is asked about without anybody else."""
        if not asked["ref"] or kind is None:
            return ""
        draft = self.found(asked["ref"])
        draft.kind, draft.severity, draft.seen_residents = kind, asked["severity"], residents
        return shown.alone(draft, self.user, self.actions)


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
        return Response(shown.many(alerts[:PAGE], self.gmina, self.user, self.actions))

    @extend_schema(
        operation_id="staff_alert_create",
        parameters=[forms.IDEMPOTENCY_KEY],
        request=forms.DraftSchema,
        responses={201: forms.AlertSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Keep a draft. It may lack words and parts; what is there must be right.

        With an Idempotency-Key a repeated request is answered as the first one was. 422
        idempotency_key_reused: it came with another body before. 409 in_progress: the first one is
        not done yet.
        """
        draft = checked(forms.DraftSerializer, request)
        key = idempotency.read_key(request.headers.get("Idempotency-Key"))
        if key is None:
            return self.answer(compose.create_draft(self.gmina, draft, by=self.user), 201)
        kept = idempotency.once(
            key,
            idempotency.fingerprint(request.data),
            lambda: self._created(draft),
            gmina=self.gmina,
            by=self.user,
        )
        headers = {"ETag": kept.etag} | ({"Idempotency-Replayed": "true"} if kept.replayed else {})
        return Response(kept.body, status=kept.status, headers=headers)

    def _created(self, draft: Mapping[str, Any]) -> idempotency.Answer:
        """The answer as JSON, so that it is kept as it is given."""
        answer = self.answer(compose.create_draft(self.gmina, draft, by=self.user), 201)
        body = json.loads(JSONRenderer().render(answer.data))
        return idempotency.Answer(answer.status_code, body, answer["ETag"])


class AlertView(AlertsBase):
    needs: ClassVar[dict[str, str]] = {
        "GET": "alert.read_active",
        "PATCH": "alert.write",
        "DELETE": "alert.write",
    }

    @extend_schema(operation_id="staff_alert", responses=forms.AlertSerializer)
    def get(self, request: Request, slug: str, ref: str) -> Response:
        """One alert; who reads only active ones finds no other."""
        body = shown.many([self.found(ref)], self.gmina, self.user, self.actions)[0]
        return Response(body, headers={"ETag": etag(body["version"])})

    @extend_schema(
        operation_id="staff_alert_change",
        parameters=[forms.IF_MATCH],
        request=forms.DraftSchema(partial=True),
        responses=forms.AlertSerializer,
    )
    def patch(self, request: Request, slug: str, ref: str) -> Response:
        """Change what is given of a draft. 412 draft_changed: somebody else was quicker."""
        draft = checked(forms.DraftSerializer, request, partial=True)
        version = if_match(request)
        return self.answer(
            compose.update_draft(self.found(ref), draft, by=self.user, version=version)
        )

    @extend_schema(
        operation_id="staff_alert_delete", parameters=[forms.IF_MATCH], responses={204: None}
    )
    def delete(self, request: Request, slug: str, ref: str) -> Response:
        """Delete a draft."""
        compose.delete_draft(self.found(ref), by=self.user, version=if_match(request))
        return Response(status=204)


class SubmitView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_submit",
        parameters=[forms.IF_MATCH],
        request=forms.SubmissionSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Hand a complete draft over for approval."""
        given = checked(forms.SubmissionSerializer, request)
        return self.answer(
            compose.submit(
                self.found(ref),
                by=self.user,
                previewed=given["seen_hash"],
                version=if_match(request),
            )
        )


class ReturnView(AlertsBase):
    # A deputy may have no more than this of their own; states.py asks for the rest.
    needs = "alert.read"

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
    # A deputy may have no more than this of their own; states.py asks for the rest.
    needs = "alert.read"

    @extend_schema(
        operation_id="staff_alert_approve",
        request=forms.ApprovalSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Approve: it is sent, or waits for its time.

        409 audience_changed: nothing was sent, it is a draft again. 409 alert_changed: it was
        submitted anew since `submitted_at`. The whole gmina is told only after a one-time code
        given lately.
        """
        given = checked(forms.ApprovalSerializer, request)
        alert = self.found(ref)
        if alert.submitted_at != given["submitted_at"]:
            raise AlertChanged
        self.confirm_wide(request, alert)
        compose.approve(alert, by=self.user)
        return self.answer(alert)


class SendView(AlertsBase):
    needs = "alert.write"

    @extend_schema(
        operation_id="staff_alert_send",
        parameters=[forms.IF_MATCH],
        request=forms.SubmissionSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Send a draft where the rules ask for nobody else. 403 two_person_rule: they do."""
        given = checked(forms.SubmissionSerializer, request)
        alert = self.found(ref)
        self.confirm_wide(request, alert)
        compose.send(alert, by=self.user, previewed=given["seen_hash"], version=if_match(request))
        return self.answer(alert)


class BypassView(AlertsBase):
    needs = "alert.send_alone"

    @extend_schema(
        operation_id="staff_alert_bypass",
        parameters=[forms.IF_MATCH],
        request=forms.BypassSerializer,
        responses=forms.AlertSerializer,
    )
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Send an emergency, draft or submitted, that can't wait for a second person; say why."""
        given = checked(forms.BypassSerializer, request)
        alert = self.found(ref)
        self.confirm_wide(request, alert)
        compose.bypass(
            alert,
            by=self.user,
            reason=given["reason"],
            previewed=given["seen_hash"],
            version=if_match(request),
        )
        return self.answer(alert)


class RecallView(AlertsBase):
    needs = "alert.write"

    @extend_schema(operation_id="staff_alert_recall", request=None, responses=forms.AlertSerializer)
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Take one's own alert back before anybody has decided: it is a draft again."""
        return self.answer(compose.recall(self.found(ref), by=self.user))


class CancelView(AlertsBase):
    needs = "alert.end"

    @extend_schema(operation_id="staff_alert_cancel", request=None, responses=forms.AlertSerializer)
    def post(self, request: Request, slug: str, ref: str) -> Response:
        """Call a scheduled alert or series off. Nothing was sent, so nobody is told."""
        return self.answer(compose.cancel(self.found(ref), by=self.user))


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


def etag(version: int) -> str:
    return quote_etag(str(version))


def if_match(request: Request) -> int | None:
    """The version that the caller has read; None where any will do.

    What is no version of ours matches none.
    """
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    number = given.strip('"')
    return int(number) if number.isascii() and number.isdigit() else 0


def checked(form: type[Serializer[Any]], request: Request, *, partial: bool = False) -> Any:
    """The request's body as the form has it; raises ValidationError naming the fields."""
    serializer = form(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data

"""The only table error class -> HTTP status, and the one handler of REST errors.

Every REST error is {"code", "message", "field", "details"}. What nobody expected becomes a 500
with the request's id and no text: the text is in the log under that id.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts import errors as accounts_errors
from accounts.errors import DomainError, Text
from config.log_config import request_id
from dispatch import errors as dispatch_errors
from gis_layers import errors as layer_errors
from gis_layers.districts import lists as district_lists
from gis_layers.imports import fetch, file_errors, runs, wfs
from gis_layers.ogc import errors as ogc_errors
from residents import errors as residents_errors

logger = logging.getLogger(__name__)

# A subclass counts as its nearest base in the table; one line here for each status that differs.
STATUS: Mapping[type[DomainError], int] = {
    DomainError: 400,
    accounts_errors.LastAdministrator: 409,
    accounts_errors.OwnAccount: 403,
    accounts_errors.SharedAccount: 403,
    accounts_errors.InvitedElsewhere: 409,
    accounts_errors.ConfirmationNeeded: 403,
    accounts_errors.TooManyKeys: 409,
    layer_errors.EditionNotStaged: 409,
    layer_errors.EditionConflict: 409,
    layer_errors.ChangeDoesNotFit: 409,
    layer_errors.MapEmpty: 409,
    layer_errors.EditionUnknown: 404,
    layer_errors.ReportBlocksPublishing: 409,
    layer_errors.EditionPlanned: 409,
    layer_errors.FeatureUnknown: 404,
    ogc_errors.PreconditionMissing: 428,
    ogc_errors.NotWritable: 405,
    layer_errors.VersionStale: 412,
    layer_errors.NothingToUndo: 409,
    layer_errors.NothingToSettle: 409,
    layer_errors.VersionMissing: 428,
    layer_errors.FeatureRefused: 422,
    layer_errors.BorderRefused: 422,
    layer_errors.ReasonMissing: 422,
    layer_errors.DayPassed: 422,
    layer_errors.NotScheduled: 409,
    file_errors.FileTooLarge: 413,
    file_errors.FileChanged: 409,
    file_errors.FileInUse: 409,
    file_errors.DiskFull: 507,
    layer_errors.AddressesStayInside: 422,
    layer_errors.NoAddresses: 409,
    layer_errors.OutlineUnknown: 409,
    district_lists.ListsUnclear: 422,
    layer_errors.LayerNotEmpty: 409,
    fetch.FetchError: 502,
    fetch.AddressRefused: 422,
    fetch.AnswerTooLarge: 413,
    wfs.WfsTypeUnknown: 422,
    runs.RunNotOpen: 409,
    layer_errors.WarningsNotAcknowledged: 409,
    layer_errors.WarningUnknown: 404,
    dispatch_errors.FcmNotConfigured: 503,
    dispatch_errors.DemoSendsNothing: 409,
    dispatch_errors.PayloadTooLarge: 422,
    dispatch_errors.TooManyReceipts: 413,
    dispatch_errors.AreaRefused: 422,
    dispatch_errors.TooManyParts: 413,
    dispatch_errors.TooManyVertices: 413,
    dispatch_errors.InvalidPart: 400,
    dispatch_errors.PreviewLimit: 429,
    dispatch_errors.AlertRefused: 422,
    dispatch_errors.MoveRefused: 409,
    dispatch_errors.RightMissing: 403,
    dispatch_errors.TwoPersonRule: 403,
    dispatch_errors.DraftChanged: 412,
    dispatch_errors.BypassRefused: 403,
    dispatch_errors.ReasonMissing: 422,
    dispatch_errors.KeyReused: 422,
    dispatch_errors.KeyInProgress: 409,
    dispatch_errors.UpdateAwaits: 409,
    dispatch_errors.UpdateGone: 409,
    dispatch_errors.WordsNeedApproval: 403,
    dispatch_errors.AlertChanged: 409,
    dispatch_errors.AudienceChanged: 409,
    dispatch_errors.OwnTemplate: 403,
    dispatch_errors.TemplateChanged: 409,
    dispatch_errors.StaffCodeInvalid: 422,
    dispatch_errors.TooManyPhones: 409,
    residents_errors.AlreadyRegistered: 409,
    residents_errors.OnePlacePerRequest: 413,
    residents_errors.TooManyPlaces: 409,
    residents_errors.TooManyDevices: 409,
    residents_errors.UnknownAddress: 422,
    residents_errors.GminaNotOffered: 422,
    residents_errors.WeighingLimit: 429,
}

# Not ours: class -> status, code, message. The first class that fits counts.
FOREIGN: list[tuple[tuple[type[Exception], ...], int, str, Text]] = [
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        401,
        "not_signed_in",
        _("Sign in to do this."),
    ),
    (
        (PermissionDenied, exceptions.PermissionDenied),
        403,
        "forbidden",
        _("Your role does not allow this."),
    ),
    ((Http404, exceptions.NotFound), 404, "not_found", _("There is nothing here.")),
    (
        (exceptions.MethodNotAllowed,),
        405,
        "method_not_allowed",
        _("This address does not accept this method."),
    ),
    (
        (exceptions.NotAcceptable,),
        406,
        "not_acceptable",
        _("The answer is available as JSON only."),
    ),
    ((RequestDataTooBig,), 413, "too_large", _("The request is too large.")),
    ((exceptions.UnsupportedMediaType,), 415, "unsupported_media_type", _("Send JSON.")),
    ((exceptions.ParseError,), 400, "malformed", _("The request is not valid JSON.")),
    ((exceptions.Throttled,), 429, "too_many_requests", _("Too many requests. Wait a moment.")),
    (
        (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError),
        503,
        "unavailable",
        _("The service is briefly unavailable. Nothing was changed. Try again."),
    ),
]


def status_of(error: DomainError) -> int:
    """HTTP status of a domain error: the entry of its nearest base class."""
    return next(STATUS[base] for base in type(error).__mro__ if base in STATUS)


def body(
    code: str,
    message: Text,
    *,
    field: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of every error answer."""
    return {"code": code, "message": str(message), "field": field, "details": dict(details or {})}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER: any exception to an answer; rolls the request's transaction back."""
    set_rollback()
    if isinstance(exc, DomainError):
        return domain_answer(exc)
    if isinstance(exc, exceptions.ValidationError):
        return validation_answer(exc)
    return foreign_answer(exc) or unexpected_answer(exc)


def domain_answer(error: DomainError) -> Response:
    logger.info("refused", extra={"code": error.code, "field": error.field})
    return Response(
        body(error.code, error.text, field=error.field, details=error.details),
        status=status_of(error),
        headers=_retry_after(error.details.get("retry_after_s")),
    )


def validation_answer(error: exceptions.ValidationError) -> Response:
    """Every fault under details.errors; the first one as the answer's own message and field."""
    faults = list(flatten(error.detail))
    field, message = faults[0] if faults else (None, _("The request is not valid."))
    errors = [{"field": path, "message": text} for path, text in faults]
    return Response(body("invalid", message, field=field, details={"errors": errors}), status=400)


# DRF says this in English whatever the language.
NO_DATA = {"No data provided": _("Send a JSON object.")}


def flatten(detail: Any, path: str = "") -> Iterator[tuple[str | None, str]]:
    """DRF's nested error detail as (dotted path, text): ("places.3.lat", "…")."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            step = "" if key == "non_field_errors" else str(key)
            yield from flatten(inner, ".".join(filter(None, [path, step])))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            # A list of texts belongs to the field; a list of anything else has a row each.
            row = [path] if isinstance(inner, str) else [path, str(index)]
            yield from flatten(inner, ".".join(filter(None, row)))
    else:
        yield path or None, str(NO_DATA.get(detail, detail))


def foreign_answer(error: Exception) -> Response | None:
    """The answer to an error of Django's, DRF's or a service's; None if it is not in the table."""
    for classes, status, code, message in FOREIGN:
        if isinstance(error, classes):
            if status == 503:
                logger.error("service unavailable", exc_info=error)
            return Response(body(code, message), status=status, headers=headers_of(error))
    return None


def headers_of(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return headers | _retry_after(getattr(error, "wait", None))


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(int(seconds))}


def unexpected_answer(error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    message = _("Something went wrong on our side. Nothing was changed.")
    return Response(body("internal", message, details={"request_id": request_id.get()}), status=500)

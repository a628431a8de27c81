"""One body for every REST error, one table of statuses."""

import logging

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext_lazy
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.errors import DomainError, LastAdministrator
from config import settings as settings_module
from config.errors import STATUS, flatten, status_of
from config.log_config import request_id
from gis_layers import errors as layer_errors

requests = APIRequestFactory()


class Failing(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    error: Exception | None = None

    def get(self, request):
        assert self.error is not None
        raise self.error


def answer_to(error, lang="pl"):
    with translation.override(lang):
        response = Failing.as_view(error=error)(requests.get("/"))
        response.render()
        return response


class TooFar(DomainError):
    """An error as the packages define them."""

    code = "too_far"
    message = gettext_lazy("Wrong e-mail or password.")


def test_a_domain_error_becomes_its_code_message_field_and_details():
    response = answer_to(TooFar(field="parts.0", details={"m": 12}))
    assert response.status_code == 400
    assert response.data == {
        "code": "too_far",
        "message": "Zły e-mail lub hasło.",
        "field": "parts.0",
        "details": {"m": 12},
    }


def test_the_message_speaks_the_requests_language():
    assert answer_to(TooFar(), "en").data["message"] == "Wrong e-mail or password."


def test_details_fill_the_placeholders_of_a_message():
    error = DomainError("{count} z {limit}", details={"count": 3, "limit": 2})
    assert answer_to(error).data["message"] == "3 z 2"
    assert str(error) == "refused: 3 z 2"


def test_a_subclass_has_the_status_of_its_nearest_base():
    class Closer(LastAdministrator):
        """Not in the table itself."""

    assert status_of(Closer()) == STATUS[LastAdministrator] == 409
    assert status_of(TooFar()) == STATUS[DomainError] == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (layer_errors.EditionNotStaged, 409),
        (layer_errors.EditionConflict, 409),
        (layer_errors.ChangeDoesNotFit, 409),
        (layer_errors.ReportBlocksPublishing, 409),
        (layer_errors.EditionUnknown, 404),
    ],
)
def test_what_an_edition_refuses_is_no_malformed_request(error, status):
    assert status_of(error()) == status


def errors_of_all_packages(base=DomainError):
    for one in base.__subclasses__():
        if one.__module__.split(".")[0] in PACKAGES:
            yield one
        yield from errors_of_all_packages(one)


PACKAGES = {"accounts", "audit", "teryt", "gis_layers", "residents", "dispatch"}


def test_codes_are_unique_and_every_error_says_something():
    """Bases of packages and of groups have no code of their own."""
    coded = [one for one in errors_of_all_packages() if "code" in vars(one)]
    codes = [one.code for one in coded]
    assert len(codes) == len(set(codes))
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)
    assert [one.__name__ for one in coded if "message" not in vars(one)] == []
    assert [one.__name__ for one in coded if not one.__doc__] == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (exceptions.NotAuthenticated(), 401, "not_signed_in"),
        (exceptions.AuthenticationFailed(), 401, "not_signed_in"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (RequestDataTooBig(), 413, "too_large"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "malformed"),
        (exceptions.Throttled(wait=7.2), 429, "too_many_requests"),
    ],
)
def test_errors_of_the_frameworks_have_codes_too(error, status, code):
    response = answer_to(error)
    assert (response.status_code, response.data["code"]) == (status, code)
    assert response.data["field"] is None
    assert response.data["message"]


def test_a_throttled_caller_learns_how_long_to_wait():
    assert answer_to(exceptions.Throttled(wait=7.2))["Retry-After"] == "8"


@pytest.mark.parametrize("error", [OperationalError("server down"), RedisConnectionError("gone")])
def test_a_service_that_is_away_is_503_and_its_text_stays_in_the_log(error, caplog):
    response = answer_to(error)
    assert (response.status_code, response.data["code"]) == (503, "unavailable")
    assert "server down" not in str(response.data)
    assert caplog.records[-1].levelno == logging.ERROR


def test_an_unexpected_error_gives_the_request_id_and_no_text(caplog):
    token = request_id.set("abc123")
    response = answer_to(KeyError("secret of the inside"))
    request_id.reset(token)
    assert (response.status_code, response.data["code"]) == (500, "internal")
    assert response.data["details"] == {"request_id": "abc123"}
    assert b"secret" not in response.content
    assert "secret of the inside" in caplog.text


class PlaceSerializer(serializers.Serializer):
    lat = serializers.FloatField(max_value=90)


class PlacesSerializer(serializers.Serializer):
    name = serializers.CharField()
    places = PlaceSerializer(many=True)


def test_every_fault_of_a_body_is_named_by_its_path():
    class Posting(Failing):
        def get(self, request):
            body = {"places": [{"lat": 1}, {"lat": "x"}, {}]}
            PlacesSerializer(data=body).is_valid(raise_exception=True)
            return Response()

    with translation.override("pl"):
        data = Posting.as_view(error=None)(requests.get("/")).data
    assert (data["code"], data["field"]) == ("invalid", "name")
    assert [fault["field"] for fault in data["details"]["errors"]] == [
        "name",
        "places.1.lat",
        "places.2.lat",
    ]
    assert data["message"] == "To pole jest wymagane."


@pytest.mark.parametrize(
    ("detail", "faults"),
    [
        (["a"], [(None, "a")]),
        ({"non_field_errors": ["a"]}, [(None, "a")]),
        ({"x": ["a", "b"]}, [("x", "a"), ("x", "b")]),
        ([{}, {"x": ["a"]}], [("1.x", "a")]),
        ({"x": {"non_field_errors": ["a"]}}, [("x", "a")]),
    ],
)
def test_nested_faults_are_flattened(detail, faults):
    assert list(flatten(detail)) == faults


def test_an_empty_validation_error_still_has_a_message():
    assert answer_to(exceptions.ValidationError([])).data["message"]


def test_the_handler_is_the_one_in_force():
    assert settings_module.REST_FRAMEWORK["EXCEPTION_HANDLER"] == "config.errors.exception_handler"

"""Bodies of REST requests: limited, and nothing PostgreSQL could not store."""

import json

import pytest
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

requests = APIRequestFactory()


class Echo(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request):
        return Response(request.data)


def post(body, content_type="application/json"):
    return Echo.as_view()(requests.generic("POST", "/", body, content_type=content_type))


@pytest.mark.parametrize(
    "data", [{"a": [1, 2.5, None, "zażółć \U0001f6b0"]}, [], "x", {"slash": "\\u0000"}]
)
def test_json_goes_through_as_it_is(data):
    for body in (json.dumps(data), json.dumps(data, ensure_ascii=False)):
        assert post(body).data == data


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        '"\\u0000"',
        '{"a\\u0000": 1}',
        '["\\ud800"]',
        b"\xff\xfe",
        "1" * 5000,
        "[" * 100_000,
    ],
)
def test_what_is_not_storable_json_is_malformed(body):
    response = post(body)
    assert (response.status_code, response.data["code"]) == (400, "malformed")


def test_a_body_over_the_limit_is_refused_unparsed(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert post(json.dumps("x" * 98)).status_code == 200
    response = post("[" * 101)
    assert (response.status_code, response.data["code"]) == (413, "too_large")


def test_another_kind_of_body_is_refused():
    assert post("a=1", "application/x-www-form-urlencoded").status_code == 415

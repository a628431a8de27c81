"""The sign-in page as a browser would send it."""

import pytest

from config.demo.forms import fields_of, filled

PAGE = """
<form class="row" method="get"><input name="q"></form>
<form class="card" method="post">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc">
  <input type="hidden" name="sign_in_view-current_step" value="auth">
  <input name="auth-username"><input type="password" name="auth-password">
  <button name="go">Dalej</button>
</form>
<form method="post"><input name="auth-username" value="other form"></form>
"""


def test_fields_are_those_of_the_first_post_form() -> None:
    assert fields_of(PAGE) == {
        "csrfmiddlewaretoken": "abc",
        "sign_in_view-current_step": "auth",
        "auth-username": "",
        "auth-password": "",
    }


def test_typed_values_go_into_the_fields_they_name() -> None:
    full = filled(fields_of(PAGE), username="a@b.example", password="x")
    assert (full["auth-username"], full["auth-password"]) == ("a@b.example", "x")
    assert full["csrfmiddlewaretoken"] == "abc"


@pytest.mark.parametrize("page", ["", "<p>Zalogowano</p>", PAGE])
def test_page_without_the_field_is_refused(page: str) -> None:
    with pytest.raises(KeyError, match="otp_token"):
        filled(fields_of(page), otp_token="123456")

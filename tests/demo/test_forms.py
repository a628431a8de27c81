"""The sign-in page as a browser would send it."""

import pytest

from config.demo.forms import FormMissing, filled

PAGE = """
<form class="row" method="get"><input name="auth-username"><input name="auth-password"></form>
<form method="post"><input type="hidden" name="next" value="/"><button>English</button></form>
<form class="card" method="post">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc">
  <input type="hidden" name="sign_in_view-current_step" value="auth">
  <input name="auth-username"><input type="password" name="auth-password">
  <button name="go">Dalej</button>
</form>
<input name="csrfmiddlewaretoken" value="outside any form">
"""


def test_typed_values_and_hidden_ones_are_sent() -> None:
    assert filled(PAGE, username="a@b.example", password="x") == {
        "csrfmiddlewaretoken": "abc",
        "sign_in_view-current_step": "auth",
        "auth-username": "a@b.example",
        "auth-password": "x",
    }


@pytest.mark.parametrize("page", ["", "<p>Zalogowano</p>", PAGE])
def test_page_without_the_field_is_not_the_one_expected(page: str) -> None:
    with pytest.raises(FormMissing, match="otp_token"):
        filled(page, otp_token="123456")


def test_form_that_has_only_one_of_the_fields_is_another_form() -> None:
    with pytest.raises(FormMissing):
        filled(PAGE, username="a@b.example", otp_token="123456")

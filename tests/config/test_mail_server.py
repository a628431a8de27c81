"""EMAIL_URL: what it may say, and that a password never travels in clear."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import MailServer, mail_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer("", 25, "", "", "none")),
        ("smtp://localhost", MailServer("localhost", 25, "", "", "none")),
        ("smtp://relay:2525/", MailServer("relay", 2525, "", "", "none")),
        ("smtps://a%40b.pl:x%2Fy@mail.pl", MailServer("mail.pl", 465, "a@b.pl", "x/y", "tls")),
        ("smtp+tls://u:p@mail.pl:25", MailServer("mail.pl", 25, "u", "p", "starttls")),
    ],
)
def test_what_an_address_means(url, server):
    assert mail_server(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.pl",
        "http://mail.pl",
        "smtps://",
        "smtps://mail.pl:port",
        "smtps://mail.pl/inbox",
        "smtp://user:password@mail.pl",
    ],
)
def test_what_is_refused_at_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail_server(url)

"""A notice as an e-mail, in the reader's language, with what a failure of the server means."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from dispatch import notice_words
from dispatch.errors import NotSent
from dispatch.models import NoticeDelivery


def send(delivery: NoticeDelivery) -> None:
    """Hand one e-mail to the mail server. Raises NotSent."""
    if not settings.EMAIL_URL:
        raise NotSent("email_off")
    with translation.override(delivery.notice.user.lang):
        message = _message(delivery)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _text in refusal.recipients.values()]
        raise NotSent(f"smtp_{codes[0]}", permanent=all(map(_is_final, codes))) from refusal
    except smtplib.SMTPDataError as refusal:
        code = refusal.smtp_code
        raise NotSent(f"smtp_{code}", permanent=_is_final(code)) from refusal
    except smtplib.SMTPResponseException as refusal:
        # Our name, sender address or password: somebody will put it right.
        raise NotSent(f"smtp_{refusal.smtp_code}") from refusal
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent("server_away", channel_down=True) from error


def _message(delivery: NoticeDelivery) -> EmailMessage:
    notice = delivery.notice
    words = {
        "headline": notice_words.headline(notice),
        "sentence": notice_words.sentence(notice),
        "url": notice_words.url(notice),
        "gmina": notice.gmina,
    }
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=f"[{notice.gmina.name}] {words['headline']}",
        body=render_to_string("staff/notice_mail.txt", words),
        to=[notice.user.email],
        headers={
            # The same on each attempt: a mailbox that has it drops the second.
            "Message-ID": f"<notice-{delivery.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _is_final(code: int) -> bool:
    """5xx: this server will never take this; 4xx: perhaps later."""
    return 500 <= code <= 599

"""Which files a request may carry: refused by its headers, before a byte of them is kept.

Django reads a form's files to the disk as soon as anything asks for a field of it, and the check of
the CSRF token does so before any view knows who is there.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

FORM_BYTES = 1024**2  # what a form may have around its file


class LimitedUploads(FileUploadHandler):
    """The first of FILE_UPLOAD_HANDLERS: lets files of signed-in staff pass, up to the limit."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        cookies = getattr(self.request, "COOKIES", {})
        limit = settings.IMPORT_UPLOAD_MAX_BYTES if settings.SESSION_COOKIE_NAME in cookies else 0
        if content_length > limit + FORM_BYTES:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""

"""Our commands as processes of their own, on the test database: for what no thread can show."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def manage(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """`manage.py …` in a session of its own, with the settings that the test has now."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | _environment() | environment,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])
    test_database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    values: dict[str, Any] = {
        "DATABASE_URL": test_database,
        "FCM_EMULATOR_URL": settings.FCM_EMULATOR_URL,
        "FCM_CREDENTIALS": settings.FCM_CREDENTIALS,
        "SEND_BATCH": str(settings.SEND_BATCH),
    }
    return values

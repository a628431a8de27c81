"""Asks an address of ours and says by the exit code whether it answered 200 (HEALTHCHECK)."""

import sys
import urllib.request


def answers(url: str, *, timeout_s: float = 4) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310 - given by us
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)

"""`python3 -m ops COMMAND`, which is what the Makefile's targets run."""

import argparse
import signal
import sys
from types import FrameType

from ops import services
from ops.local import Failure


def end_by_signal(number: int, frame: FrameType | None) -> None:
    """Turns SIGTERM and SIGHUP into an exception, so that every `finally` runs."""
    sys.exit(128 + number)


def up(options: argparse.Namespace) -> int:
    services.up()
    services.report()
    return 0


def down(options: argparse.Namespace) -> int:
    services.down()
    return 0


COMMANDS = {"up": up, "down": down}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_by_signal)
    try:
        return COMMANDS[options.command](options)
    except Failure as failure:
        print(f"make: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

"""`python3 -m ops COMMAND`, which is what the Makefile's targets run."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from ops import checks, demo, environment, image, packages, processes, services
from ops.local import PYTHON, Failure


def end_by_signal(number: int, frame: FrameType | None) -> None:
    """Turns SIGTERM and SIGHUP into an exception, so that every `finally` runs."""
    sys.exit(128 + number)


def up(options: argparse.Namespace) -> int:
    services.keep()
    return 0


def down(options: argparse.Namespace) -> int:
    services.down()
    return 0


def run_demo(options: argparse.Namespace) -> int:
    return demo.demo(once=options.once)


def test(options: argparse.Namespace) -> int:
    return checks.test(options.arguments)


def test_qgis(options: argparse.Namespace) -> int:
    """QGIS is half a gigabyte that nothing else needs, so `test` skips this where it is not."""
    packages.ensure(packages.QGIS)
    return checks.only(("tests/gis_layers/ogc/test_qgis.py",))


def lint(options: argparse.Namespace) -> int:
    return checks.lint()


def bench(options: argparse.Namespace) -> int:
    """Runs bench/run.py with its own arguments; it makes its databases beside the demo's."""
    argv = [str(PYTHON), "-m", "bench.run", *options.arguments]
    with services.borrowed("bench"):
        return processes.foreground("bench", argv, environment.for_process("bench"))


def manage(options: argparse.Namespace) -> int:
    return processes.foreground(
        "manage", demo.manage_argv(*options.arguments), environment.for_process()
    )


def build_image(options: argparse.Namespace) -> int:
    image.build()
    return 0


def check_image(options: argparse.Namespace) -> int:
    image.check()
    return 0


COMMANDS = {
    "up": up,
    "down": down,
    "demo": run_demo,
    "test": test,
    "test-qgis": test_qgis,
    "lint": lint,
    "bench": bench,
    "manage": manage,
    "image": build_image,
    "image-check": check_image,
}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What follows the command belongs to the program that it runs."""
    parser = argparse.ArgumentParser(prog="python3 -m ops", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--once", action="store_true", help="demo: end after the main job")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser.parse_args(argv)


def main() -> int:
    options = parse(sys.argv[1:])
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

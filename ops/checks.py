"""`make test` and `make lint`: every check there is, on services of our own."""

import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ops import environment, processes, services
from ops.build import FRONTEND
from ops.local import LOG, PYTHON, ROOT, RUN

LANES = 2  # checks at a time; the machines that run this have two cores
# Tests on services of their own that mostly wait: in a second pytest beside the others, or all of
# it would come near half an hour.
BESIDE = ("tests/faults",)


@dataclass(frozen=True)
class Check:
    name: str
    argv: Sequence[str]
    cwd: Path = ROOT


# The long ones first, so that the lanes end together.
CHECKS = (
    Check("mypy", ("mypy",)),
    Check("svelte-check and tsc", ("npm", "run", "--silent", "check"), FRONTEND),
    Check("eslint", ("npm", "run", "--silent", "lint"), FRONTEND),
    Check("vitest", ("npm", "run", "--silent", "test"), FRONTEND),
    Check("migrations", (str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run")),
    Check("import-linter", ("lint-imports",)),
    Check("ruff", ("ruff", "check")),
    Check("ruff format", ("ruff", "format", "--check")),
)


def lint() -> int:
    """All but pytest; 1 when one of them fails."""
    with services.borrowed("lint"):
        return 1 if failures(environment.for_process("test")) else 0


def test(arguments: Sequence[str]) -> int:
    """The checks, then pytest with `arguments`; its closing line is the last one if all is well."""
    with services.borrowed("test"):
        env = environment.for_process("test")
        failed = failures(env)
        code = pytest(arguments, env) if arguments else every_test(env)
    if failed:
        print(f"make test: pytest ended with {code}; failed before it: {', '.join(failed)}")
    return code or (1 if failed else 0)


def only(arguments: Sequence[str]) -> int:
    """Pytest alone, with these arguments."""
    with services.borrowed("test"):
        return pytest(arguments, environment.for_process("test"))


def failures(env: dict[str, str]) -> list[str]:
    """Runs CHECKS side by side; the names of those that failed, their output printed whole."""
    with ThreadPoolExecutor(LANES) as lanes:
        results = lanes.map(lambda check: passes(check, env), CHECKS)
        return [check.name for check, passed in zip(CHECKS, results, strict=True) if not passed]


def passes(check: Check, env: dict[str, str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=check.cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "failed" if done.returncode else "ok"
    report = f"{done.stdout}\n" if done.returncode else ""
    print(f"{report}{check.name}: {verdict} ({time.monotonic() - begun:.1f} s)", flush=True)
    return not done.returncode


def pytest(arguments: Sequence[str], env: dict[str, str]) -> int:
    return processes.foreground("pytest", pytest_argv(*arguments), env)


def pytest_argv(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pytest", *arguments]


def every_test(env: dict[str, str]) -> int:
    """All tests in two lanes; then what the second one printed, and one closing line for both."""
    begun = time.monotonic()
    reports = [RUN / "pytest.xml", RUN / "pytest-beside.xml"]
    told = LOG / "pytest-beside.log"
    for path in (*reports, told):
        path.unlink(missing_ok=True)
    argv = pytest_argv(*BESIDE, f"--junitxml={reports[1]}", "-o", "cache_dir=.pytest_cache/beside")
    beside = processes.start("pytest-beside", argv, environment.for_process("beside"))
    try:
        others = [f"--ignore={path}" for path in BESIDE]
        codes = [pytest([*others, f"--junitxml={reports[0]}"], env), beside.wait()]
    finally:
        processes.stop(["pytest-beside"])
    print(told.read_text(errors="replace"))
    print(closing_line(reports, time.monotonic() - begun), flush=True)
    return max(codes)


def closing_line(reports: Sequence[Path], seconds: float) -> str:
    """What pytest would print at its end, had it run the tests of these JUnit reports in one go."""
    counts = dict.fromkeys(("failed", "passed", "skipped", "errors"), 0)
    for suite in (suite for path in reports for suite in ET.parse(path).getroot()):  # noqa: S314
        found = {
            name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")
        }
        counts["failed"] += found["failures"]
        counts["errors"] += found["errors"]
        counts["skipped"] += found["skipped"]
        counts["passed"] += found["tests"] - found["failures"] - found["errors"] - found["skipped"]
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f" {told} in {seconds:.2f}s ".center(80, "=")

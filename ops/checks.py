"""`make test` and `make lint`: every check there is, on services of our own."""

import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ops import environment, processes, services
from ops.build import FRONTEND
from ops.local import LOG, PYTHON, ROOT, RUN

LANES = 2  # checks at a time; the machines that run this have two cores
# Folders that run in a pytest of their own beside the others: all in a row would take more than
# half an hour. What the faults count needs a machine that keeps up: the browser comes after them.
FOLDERS = {"faults": "tests/faults", "browser": "tests/e2e", "layers": "tests/gis_layers"}
BESIDE = (("faults", "browser"), ("layers",))


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
    """All tests in lanes; then what the others printed, and one closing line for all of them."""
    begun = time.monotonic()
    reports = {name: RUN / f"pytest-{name}.xml" for name in ("most", *FOLDERS)}
    for path in reports.values():
        path.unlink(missing_ok=True)
    is_over = threading.Event()
    with ThreadPoolExecutor(len(BESIDE)) as lanes:
        others = [lanes.submit(in_a_row, names, reports, is_over) for names in BESIDE]
        try:
            ignored = [f"--ignore={folder}" for folder in FOLDERS.values()]
            code = pytest([*ignored, f"--junitxml={reports['most']}"], env)
            code = max(code, *(lane.result() for lane in others))
        finally:
            is_over.set()
            processes.stop([f"pytest-{name}" for name in FOLDERS])
    for name in FOLDERS:
        print(log_of(name).read_text(errors="replace"))
    print(closing_line(list(reports.values()), time.monotonic() - begun), flush=True)
    return code


def in_a_row(names: Sequence[str], reports: Mapping[str, Path], is_over: threading.Event) -> int:
    """Runs some of FOLDERS, each on a database of its own, its output in a file."""
    codes = [0]
    for name in names:
        if is_over.is_set():
            break
        log_of(name).unlink(missing_ok=True)
        cache = f"cache_dir=.pytest_cache/{name}"
        argv = pytest_argv(FOLDERS[name], f"--junitxml={reports[name]}", "-o", cache)
        process = processes.start(f"pytest-{name}", argv, environment.for_process(name))
        codes.append(process.wait())
    return max(codes)


def log_of(lane: str) -> Path:
    return LOG / f"pytest-{lane}.log"


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

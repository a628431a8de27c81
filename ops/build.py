"""Builds what the checkout runs: .venv, the front end, the message catalogues.

Each step leaves a stamp of what it was made from and is skipped while that stays the same.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.local import PYTHON, ROOT, VENV, Failure, digest, is_stamped, say

LOCK = ROOT / "requirements-dev.lock"
FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
NODE_MAJOR = 20


def run(argv: Sequence[str | Path], *, cwd: Path = ROOT) -> None:
    done = subprocess.run([str(part) for part in argv], cwd=cwd, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(str(part) for part in argv)} ended with {done.returncode}")


def everything() -> None:
    python()
    catalogues()
    packages_of_npm()
    front_end()


def python() -> None:
    """.venv as the hashed lock has it. One that an interrupted run left is made anew."""
    stamp, making = VENV / ".stamp", VENV / ".unfinished"
    wanted = digest([LOCK], sys.version)
    if is_stamped(stamp, wanted) and runs(PYTHON):
        return
    if making.exists() or not runs(PYTHON):
        say("making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", VENV])
    making.touch()
    say("installing Python packages (requirements-dev.lock)")
    run([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCK])
    stamp.write_text(wanted)
    making.unlink()


def runs(python: Path) -> bool:
    """True when the interpreter starts and has its pip: neither half-made nor orphaned."""
    if not python.exists():
        return False
    asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def catalogues() -> None:
    """Compiles gettext's .po files beside themselves."""
    for source in ROOT.glob("platform/*/locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            run(["msgfmt", "--check", "-o", target, source])


def packages_of_npm() -> None:
    """node_modules as the lock has it; `npm ci` starts from an empty folder each time."""
    node = node_version()
    stamp = FRONTEND / "node_modules" / ".stamp"
    wanted = digest([FRONTEND / "package-lock.json"], node)
    if is_stamped(stamp, wanted):
        return
    say("installing the front end's packages (npm ci)")
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FRONTEND)
    stamp.write_text(wanted)


def node_version() -> str:
    if not shutil.which("node") or not shutil.which("npm"):
        raise Failure(f"Node {NODE_MAJOR} or newer with npm is needed and not on PATH")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    major = int(version.stdout.strip().lstrip("v").split(".")[0])
    if major < NODE_MAJOR:
        raise Failure(f"Node {NODE_MAJOR} or newer is needed; this is {version.stdout.strip()}")
    return version.stdout.strip()


def front_end() -> None:
    """Vite's output in frontend/dist, when a source or the lock has changed since."""
    skipped = {"node_modules", "dist"}
    sources = [
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(FRONTEND).parts)
    ]
    stamp = DIST / ".stamp"
    wanted = digest(sources)
    if is_stamped(stamp, wanted):
        return
    say("building the front end")
    run(["npm", "run", "--silent", "build"], cwd=FRONTEND)
    stamp.write_text(wanted)

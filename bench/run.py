"""make bench [ONLY=name,…]: runs the suites that give the named results, writes results.json.

Each suite runs in a process of its own against a database of its own on the server that
DATABASE_URL names: `small` is the demo gmina with its 18,000 residents, `large` the same gmina
with 1.8 million devices. They are made once and kept.
"""

import argparse
import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from bench.harness import ROOT, Result, write

# `history` has nobody: its suite makes ten million deliveries of the past itself.
RESIDENTS = {"small": 18_000, "large": 1_530_000, "history": 0}


@dataclass(frozen=True)
class Suite:
    module: str
    dataset: str
    names: tuple[str, ...]


SUITES = (
    Suite(
        "bench.tiles",
        "small",
        (
            "tile_uncached_1",
            "tile_uncached_8",
            "tile_uncached_32",
            "tile_uncached_8_same_copies",
            "tile_vs_tipg",
            "tile_largest_bytes",
        ),
    ),
    Suite("bench.tiles_cached", "small", ("tile_cached", "tile_cached_proxy")),
    Suite(
        "bench.audiences",
        "small",
        ("audience_street", "audience_district", "audience_gmina"),
    ),
    Suite(
        "bench.audiences",
        "large",
        ("audience_street_1m8", "audience_district_1m8", "audience_gmina_1m8"),
    ),
    Suite(
        "bench.dispatch",
        "small",
        ("dispatch_vs_raw_client", "dispatch_vs_send_each", "dispatch_sender_cpu"),
    ),
    Suite("bench.statistics", "history", ("funnel_10m", "statistics_10m")),
    Suite(
        "bench.dispatch_seconds",
        "large",
        (
            "dispatch_25k_seconds",
            "dispatch_250k_seconds",
            "dispatch_2_workers",
            "dispatch_4_workers",
            "dispatch_capped_rate",
        ),
    ),
    Suite(
        "bench.dispatch_cost",
        "large",
        (
            "dispatch_sender_cost_250k",
            "dispatch_postgres_cost_250k",
            "dispatch_sender_cost_1m8",
            "dispatch_postgres_cost_1m8",
        ),
    ),
    Suite(
        "bench.freezing",
        "large",
        (
            "freeze_25k",
            "freeze_25k_found",
            "freeze_250k",
            "freeze_250k_found",
            "freeze",
            "freeze_found",
            "freeze_flat",
        ),
    ),
    Suite(
        "bench.imports",
        "small",
        ("import_vs_ogr2ogr", "import_vs_ogr2ogr_streets", "import_vs_ogr2ogr_districts"),
    ),
    Suite("bench.import_memory", "small", ("import_memory",)),
    Suite("bench.order", "small", ("order_gain",)),
    Suite("bench.matching", "small", ("matching_precision", "matching_recall")),
    Suite(
        "bench.street_targeting",
        "small",
        (
            "street_targeting_declared_precision",
            "street_targeting_declared_recall",
            "street_targeting_gps10_precision",
            "street_targeting_gps10_recall",
        ),
    ),
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="names of results, comma-separated")
    arguments.add_argument("--suite", help="module and dataset; for the child processes")
    options = arguments.parse_args()
    if options.suite:
        return _run_suite(*options.suite.split(":"))
    wanted = {name for name in options.only.split(",") if name}
    unknown = wanted - {name for suite in SUITES for name in suite.names}
    if unknown:
        arguments.error(f"no such results: {', '.join(sorted(unknown))}")
    chosen = [suite for suite in SUITES if not wanted or wanted & set(suite.names)]
    return max([_run_child(suite) for suite in chosen], default=0)


def _run_child(suite: Suite) -> int:
    env = os.environ | {
        "DATABASE_URL": _database_url(suite.dataset),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "LOG_LEVEL": "WARNING",
    }
    _prepare(suite.dataset, env)
    command = [sys.executable, "-m", "bench.run", "--suite", f"{suite.module}:{suite.dataset}"]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def _database_url(dataset: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/sao_bench_{dataset}"))


def _prepare(dataset: str, env: dict[str, str]) -> None:
    """Make the dataset's database unless it is complete."""
    code = (
        "from residents.models import Resident;"
        f"print('complete' if Resident.objects.count() >= {RESIDENTS[dataset]} else 'incomplete')"
    )
    _create_database(env["DATABASE_URL"])
    _manage(env, "migrate", "--verbosity=0")
    if "incomplete" in _manage(env, "shell", "--verbosity=0", "-c", code):
        _manage(env, "load_demo")
        _manage(
            env,
            *("simulate_residents", "--gmina=chorzow", "--seed=1"),
            f"--residents={RESIDENTS[dataset]}",
        )


def _create_database(url: str) -> None:
    import psycopg

    parts = urlsplit(url.replace("postgis://", "postgresql://"))
    name = parts.path.removeprefix("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')


def _manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _run_suite(module: str, dataset: str) -> int:
    import django

    django.setup()
    results: list[Result] = importlib.import_module(module).run(dataset)
    write(results)
    for result in results:
        print(
            f"{result.name}: {result.value:.4g} {result.unit}, {result.ratio:.3f} × "
            f"{result.reference} ({'met' if result.met else 'NOT met'}: goal {result.goal})"
        )
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Register names against map names on 12,221 real pairs that differ; tests/matching has how.

Only the half of the localities that nothing was set on is measured. The reference is the truth:
every name matched, and no other, 1.
"""

from bench.harness import Result
from tests.teryt.name_pairs import check_half, score

GOALS = {"matching_precision": 0.99, "matching_recall": 0.95}


def run(dataset: str) -> list[Result]:
    """Both figures; the dataset's own people are left alone and don't matter."""
    found = score(check_half())
    print(f"matching: {found}")
    values = {"matching_precision": found.precision, "matching_recall": found.recall}
    return [
        Result(
            name=name,
            value=values[name],
            unit="share",
            reference="the register's street of every name on the map",
            reference_value=1.0,
            goal=goal,
            better="higher",
        )
        for name, goal in GOALS.items()
    ]

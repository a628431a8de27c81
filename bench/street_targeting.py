"""Who an alert to a street reaches, on Helsinki's real addresses; tests/street_targeting has how.

The reference is the truth: everybody of the street and nobody else, 1.
"""

from bench.harness import Result
from tests.street_targeting.measure import scores

GOAL_DECLARED, GOAL_GPS = 1.0, 0.9


def run(dataset: str) -> list[Result]:
    """The four figures; the dataset's own people are left alone and don't matter."""
    return [
        Result(
            name=name,
            value=value,
            unit="share",
            reference="everybody of the street and nobody else",
            reference_value=1.0,
            goal=GOAL_DECLARED if "declared" in name else GOAL_GPS,
            better="higher",
        )
        for name, value in scores().items()
    ]

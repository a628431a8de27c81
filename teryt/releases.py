"""What is held of each register, and since when."""

from datetime import date

from teryt.models import Release


def states() -> dict[str, date]:
    """STAN_NA of each register's newest release; those that were never loaded are missing."""
    newest = Release.objects.order_by("register", "-pk").distinct("register")
    return dict(newest.values_list("register", "state_on"))

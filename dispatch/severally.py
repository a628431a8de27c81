"""Many rows dealt with one by one, none of which may hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)
Item = TypeVar("Item")


def each(act: Callable[[Item], Any], items: Iterable[Item]) -> int:
    """Do it with each; for how many it said that something was done.

    What raises is recorded, and the next has its turn: one broken row must not keep a city's alerts
    from starting. Raises OperationalError and InterfaceError, as for a lost connection.
    """
    return sum(_tried(act, item) for item in items)


def _tried(act: Callable[[Item], Any], item: Item) -> bool:
    try:
        return bool(act(item))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # Ids only: a row's own words may be texts of an alert.
        row = {"row": type(item).__name__, "id": getattr(item, "pk", item)}
        logger.exception("left for the next time", extra=row | {"act": act.__qualname__})
        return False

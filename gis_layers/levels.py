"""How grave a finding is, and what a kind of finding consists of."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """What a finding means for publishing: refused, refused until somebody accepts it, nothing."""

    BLOCKING = "blocking", _("Blocks publishing")
    WARNING = "warning", _("Worth a look")
    NOTE = "note", _("For information")


BLOCKING, WARNING, NOTE = Level


@dataclass(frozen=True)
class Kind:
    """How a code is told: how grave, a sentence with its count, and what is said of each case."""

    level: Level
    headline: Any  # lazy; of several cases a plural that takes {"count": …}
    detail: str = ""  # takes the case's details; a msgid where it has words

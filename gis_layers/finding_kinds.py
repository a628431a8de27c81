"""The closed list of what a report may say. Codes are stable: programs know them."""

from collections.abc import Mapping

from gis_layers.checks.kinds import CHECKED
from gis_layers.imports.kinds import READING
from gis_layers.levels import BLOCKING, NOTE, WARNING, Kind, Level

# In the order in which people read them; what blocks comes first.
KINDS: Mapping[str, Kind] = {
    code: kind
    for level in Level
    for code, kind in {**READING, **CHECKED}.items()
    if kind.level == level
}

__all__ = ["BLOCKING", "CHECKED", "KINDS", "NOTE", "READING", "WARNING", "Kind", "Level"]

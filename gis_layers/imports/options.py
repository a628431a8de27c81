"""What an officer may say of a layer file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Options:
    """Empty: found out, or the default.

    `fields` names columns by meaning: id, name, code, simc, street, number, postcode.
    """

    slug: str = ""
    title_pl: str = ""
    title_en: str = ""
    attribution: str = ""  # shown on the map
    attribution_en: str = ""
    public: bool | None = None
    is_simulated: bool = False
    accuracy_m: float | None = None
    group_by: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    attrs: Sequence[str] = ()  # further columns to keep
    simc: str = ""  # the locality of features that name none
    source_layer: str = ""  # which table of a file that has several
    srid: int | None = None
    swap_axes: bool = False
    encoding: str = ""

    def as_json(self) -> dict[str, Any]:
        """What was said, as ImportRun.options and WfsSource.options keep it."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}


DEFAULT_OPTIONS = Options()

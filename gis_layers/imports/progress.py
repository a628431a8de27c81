"""How far an import is, told while it works, and the wish that it stops."""

import threading
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError
from gis_layers.models import ImportRun

State = ImportRun.State


class ImportCancelled(LayerError):
    """Somebody cancelled the import; nothing of it is kept."""

    code = "import_cancelled"
    message = _("The import was cancelled.")


@dataclass
class Progress:
    """Counts of features, written by the import and read by whoever tells of it (heartbeat.py)."""

    state: str = State.READING
    expected: int | None = None  # null: only the end of the file will tell
    read: int = 0
    checked: int = 0
    written: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def tell(self, **news: str | int | None) -> None:
        """Note news of one's fields. Raises ImportCancelled once `stopping` is set."""
        for name, value in news.items():
            setattr(self, name, value)
        if self.stopping.is_set():
            raise ImportCancelled

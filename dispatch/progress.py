"""How far an alert has come, for the staff's page: its message, the figures, what stands still."""

from dataclasses import dataclass
from typing import Any

from dispatch import statistics, watch
from dispatch.funnel import Figures
from dispatch.models import Alert, Batch, Incident, Message
from dispatch.outcomes import Outcome
from dispatch.parts import from_row, name_of

CREDENTIALS = "credentials"
FOLLOWED = (Message.Kind.ALERT, Message.Kind.UPDATE, Message.Kind.EXTENSION)


@dataclass(frozen=True)
class Progress:
    """`trouble`: why sending stands still ("payload_refused", "credentials"), or "".

    `incidents`: what staff are shown of trouble now and lately (watch.py).
    """

    alert: Alert
    message: Message
    figures: Figures
    trouble: str
    incidents: list[Incident]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Figures of the parts that are followed apart, with their names."""
        rows = list(self.alert.parts.all()) if self.figures.parts else []
        return [
            {"name": name_of(from_row(rows[part.position]), self.alert.gmina), "figures": part}
            for part in self.figures.parts
        ]

    @property
    def has_more_parts(self) -> bool:
        """Whether some parts are not followed while others are."""
        return 0 < len(self.figures.parts) < self.alert.parts.count()

    @property
    def final(self) -> bool:
        return self.message.sent_at is not None


def followed(alert: Alert) -> Message | None:
    """The message whose course the page shows: the newest that tells of the event itself."""
    return alert.messages.filter(kind__in=FOLLOWED).order_by("-pk").first()


def progress_of(alert: Alert) -> Progress | None:
    """The alert's progress now, as it may be told; None where nothing was sent yet."""
    message = followed(alert)
    figures = statistics.figures_of(message) if message else None
    if message is None or figures is None:
        return None
    return Progress(alert, message, figures, trouble_of(message), watch.of_alert(alert))


def trouble_of(message: Message) -> str:
    """Why sending stands still; "": it doesn't."""
    if message.halted_reason or message.sent_at is not None:
        return message.halted_reason
    waiting = Batch.objects.filter(message_id=message.pk, state__lt=Batch.State.DONE)
    return CREDENTIALS if waiting.filter(codes__contains=[Outcome.CREDENTIALS]).exists() else ""

"""What higher packages hear of layers; receivers run inside the sender's transaction."""

from django.dispatch import Signal

# Sent by editions.publish once the rows are in place: sender=Layer, layer: Layer, edition: Edition.
edition_published = Signal()

# Sent when a scheduled publication was refused, the refusal kept: sender=Edition, edition: Edition.
publication_refused = Signal()

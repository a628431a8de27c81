"""What residents tell the packages above them; always sent inside the transaction that writes."""

from django.dispatch import Signal

# Places appeared, moved, or were attached anew: place_ids=[int, …].
place_changed = Signal()

# A device has a push target that it had not before: resident_id=int.
device_reachable = Signal()

# A resident is about to be erased, the rows still there: resident_id=int, device_ids=[int, …].
resident_erased = Signal()

# A resident asked for all we hold: resident_id=int. Receivers return {section: JSON value}.
resident_exported = Signal()

"""What residents tell the packages above them; always sent inside the transaction that writes."""

from django.dispatch import Signal

# Places appeared, moved, or were attached anew: place_ids=[int, …].
place_changed = Signal()

# A resident is about to be erased, their rows still there: resident_id=int, device_ids=[int, …].
resident_erased = Signal()

# One device left while its resident stays, its row still there: resident_id=int, device_id=int.
device_removed = Signal()

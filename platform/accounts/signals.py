"""What the packages above hear about accounts (accounts may not import the audit log)."""

from django.dispatch import Signal

# Sent in the transaction of the change, to be written down in the same one.
# Arguments: verb (a name in audit/verbs.py), user (whom it concerns), by (who did it),
# gmina (None: every gmina the user works for), data (JSON values).
account_changed = Signal()

"""Names and limits of the RQ queues; constants only, so that settings can import them.

A job says "look into the database", no more: which batch goes next is decided there.
"""

EMERGENCY = "emergency"
NORMAL = "normal"
MAINTENANCE = "maintenance"
ALL = (EMERGENCY, NORMAL, MAINTENANCE)
# Senders listen to these, in this order.
SENDING = (EMERGENCY, NORMAL)

JOB_TIMEOUT_S = 300  # RQ kills a job after that; a sender stops by itself long before
RESULT_TTL_S = 60
FAILURE_TTL_S = 24 * 3600


def for_priority(priority: int) -> str:
    """The queue that wakes senders for batches of this priority (0 is an emergency)."""
    return EMERGENCY if priority == 0 else NORMAL

"""Limits on how often endpoints for the app are called; rates are in settings.REST_FRAMEWORK."""

import logging

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class OpenThrottle(ScopedRateThrottle):
    """Counts in Redis by resident, or by address where signed out; without Redis all may pass.

    A limit protects the service from some; closing it because the counter is away would shut out
    everybody, in the very hour of a crisis.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError:
            logger.warning("throttle without Redis", extra={"scope": self.scope})
            return True

"""firebase-admin's own sending, as anybody would use it: send_each, 500 messages a call.

python -m bench.send_each URL COUNT; prints messages per second and CPU-ms a message. The authority
of the responder is trusted by REQUESTS_CA_BUNDLE.
"""

import sys
import time
import warnings
from datetime import datetime

import firebase_admin
import requests
from firebase_admin import credentials, messaging

A_CALL = 500  # the SDK's limit


def send_all(url: str, count: int) -> None:
    """Raises unless all are accepted."""
    account = requests.get(f"{url}/service-account.json", timeout=10).json()
    app = firebase_admin.initialize_app(credentials.Certificate(account))
    service = messaging._get_messaging_service(app)
    service._fcm_url = f"{url}/v1/projects/bench/messages:send"
    # Its own pool is for Google's address; without one as large, requests keeps ten connections.
    service._client.session.mount(url, requests.adapters.HTTPAdapter(1, 100))
    # Or it asks Google for the account's region.
    boundary = {"encodedLocations": "0x0", "expiry": datetime.max}
    service._credential._set_regional_access_boundary(boundary)
    data = {"title": "x" * 40, "body": "x" * 300, "ids": "x" * 120}
    for begin in range(0, count, A_CALL):
        size = min(A_CALL, count - begin)
        answer = messaging.send_each([messaging.Message(data, token="x" * 160)] * size)
        if answer.failure_count:
            raise RuntimeError(str(answer.responses[0].exception))


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    url, count = sys.argv[1:]
    started, before = time.perf_counter(), time.process_time()
    send_all(url, int(count))
    rate = int(count) / (time.perf_counter() - started)
    print(rate, 1000 * (time.process_time() - before) / int(count))

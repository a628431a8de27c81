"""The bare client that dispatch is measured against: libcurl, keep-alive, nothing but the sends.

python -m bench.raw_client URL CA COUNT IN_FLIGHT; prints messages per second and CPU-ms a message.
"""

import json
import sys
import time

import pycurl

# As long as a real message: ids, a title, two sentences.
BODY = json.dumps(
    {
        "message": {
            "token": "x" * 160,
            "data": {"title": "x" * 40, "body": "x" * 300, "ids": "x" * 120},
        }
    }
).encode()


def send_all(url: str, ca: str, count: int, in_flight: int) -> None:
    """Make `count` sends, `in_flight` at a time; raises unless all get 200."""
    multi = pycurl.CurlMulti()
    handles = [_handle(url, ca) for _ in range(min(in_flight, count))]
    for handle in handles:
        multi.add_handle(handle)
    left, under_way = count - len(handles), len(handles)
    while under_way:
        multi.perform()
        _queued, good, bad = multi.info_read()
        if bad:
            raise RuntimeError(bad[0][2])
        for handle in good:
            if handle.getinfo(pycurl.RESPONSE_CODE) != 200:
                raise RuntimeError("refused")
            multi.remove_handle(handle)
            if left:
                multi.add_handle(handle)
            left, under_way = max(left - 1, 0), under_way - (left == 0)
        if not good:
            multi.select(1.0)


def _handle(url: str, ca: str) -> pycurl.Curl:
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"{url}/v1/projects/bench/messages:send")
    handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    handle.setopt(pycurl.CAINFO, ca)
    handle.setopt(pycurl.POSTFIELDS, BODY)
    handle.setopt(pycurl.WRITEFUNCTION, len)
    return handle


if __name__ == "__main__":
    url, ca, count, in_flight = sys.argv[1:]
    started = time.perf_counter()
    send_all(url, ca, int(count), int(in_flight))
    rate = int(count) / (time.perf_counter() - started)
    print(rate, 1000 * time.process_time() / int(count))

"""The bare client that dispatch is measured against: aiohttp, keep-alive, nothing but the sends.

python -m bench.raw_client URL CA COUNT IN_FLIGHT; prints messages per second and CPU-ms a message.
"""

import asyncio
import json
import ssl
import sys
import time

import aiohttp

# As long as a real message: ids, a title, two sentences.
BODY = json.dumps(
    {
        "message": {
            "token": "x" * 160,
            "data": {"title": "x" * 40, "body": "x" * 300, "ids": "x" * 120},
        }
    }
).encode()


async def send_all(url: str, ca: str, count: int, in_flight: int) -> float:
    """Messages per second over `count` sends, `in_flight` at a time; raises unless all get 200."""
    context = ssl.create_default_context(cafile=ca)
    connector = aiohttp.TCPConnector(ssl=context, limit=in_flight)
    left = iter(range(count))

    async def lane(session: aiohttp.ClientSession) -> None:
        for _ in left:
            async with session.post(f"{url}/v1/projects/bench/messages:send", data=BODY) as answer:
                answer.raise_for_status()
                await answer.read()

    async with aiohttp.ClientSession(connector=connector) as session:
        started = time.perf_counter()
        await asyncio.gather(*(lane(session) for _ in range(in_flight)))
        return count / (time.perf_counter() - started)


if __name__ == "__main__":
    url, ca, count, in_flight = sys.argv[1:]
    rate = asyncio.run(send_all(url, ca, int(count), int(in_flight)))
    print(rate, 1000 * time.process_time() / int(count))

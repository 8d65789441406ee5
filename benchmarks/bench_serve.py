"""How many uploads a second a running service answers, and how long they take.

Start ``skecg serve --model ptbxl_lstm --workers 2``, then::

    python benchmarks/bench_serve.py FILE [--requests 2000] [--clients 16]
"""

import argparse
import asyncio
import time
from pathlib import Path

import httpx
import numpy as np


async def measure(url, content, n_requests, n_clients):
    """Return the seconds of each request, and of all together."""
    left, seconds = iter(range(n_requests)), []
    limits = httpx.Limits(max_connections=n_clients)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:

        async def ask():
            for _ in left:
                start = time.perf_counter()
                response = await client.post(
                    "/v1/predict", files={"files": ("ecg", content)}
                )
                response.raise_for_status()
                assert response.json()["results"][0]["status"] == "ok"
                seconds.append(time.perf_counter() - start)

        start = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(n_clients)))
        return np.array(seconds), time.perf_counter() - start


def main():
    """Print requests a second and percentiles of their time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    content = args.file.read_bytes()
    asyncio.run(measure(args.url, content, 2 * args.clients, args.clients))
    work = measure(args.url, content, args.requests, args.clients)
    seconds, total = asyncio.run(work)
    p50, p95 = 1000 * np.percentile(seconds, [50, 95])
    print(
        f"{args.requests / total:.0f} requests/s, median {p50:.0f} ms, 95th {p95:.0f}"
    )


if __name__ == "__main__":
    main()

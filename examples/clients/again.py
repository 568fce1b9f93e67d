"""A transport of httpx that sends each tools/call under a key until it is answered, for 5 minutes; and what connects."""

import time
import uuid

import anyio
from mcp.client import streamable_http

httpx = getattr(streamable_http, "httpx2", None) or streamable_http.httpx  # The one of this SDK.


class Again(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request):
        body = await request.aread()
        # LangChain connects anew for each call.
        if b'"tools/call"' not in body and b"initialize" not in body:
            return await super().handle_async_request(request)
        request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        end, pause = time.monotonic() + 300, 0.02
        while True:
            wait = 0
            try:
                response = await super().handle_async_request(request)
                await response.aread()  # A stream too: one that breaks is no answer.
                wait = int(response.headers.get("Retry-After", 0))
                if wait == 0 and response.status_code < 500 or time.monotonic() + wait > end:
                    return response
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            await anyio.sleep(max(wait, pause))
            pause = min(2 * pause, 1)


def client(timeout=None, **options):
    return httpx.AsyncClient(transport=Again(), timeout=timeout or 60, **options)

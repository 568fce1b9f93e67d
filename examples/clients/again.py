"""A transport of httpx that sends each request again until it is answered, for 5 minutes, a tools/call under a key; and what connects.

It is for a server that keeps Idempotency-Keys, as MCPist does: another server runs a call once for each sending.
"""

import json
import re
import time
import uuid

import anyio
from mcp.client import streamable_http

httpx = getattr(streamable_http, "httpx2", None) or streamable_http.httpx  # The one of this SDK.

LIMIT = 300
SENDING_LIMIT = 120  # Of one sending with its whole answer: nothing may ever come on a broken connection.
MOST_REFUSED = 100
# What an error says that is there for a moment: docs/idempotency.md.
PASSING = {"origin_unavailable", "outcome_unknown", "rate_limited", "overloaded", "auth_unavailable"}


def messages(text, events=False):
    """The JSON-RPC messages of a body; none where it is something else. An event without its blank line was cut off."""
    if events:
        parts = re.split("\n\n", re.sub("\r\n?", "\n", text))[:-1]
        data = ["\n".join(re.findall("^data: ?(.*)$", part, re.MULTILINE)) for part in parts]
        return [message for part in data for message in messages(part)]
    try:
        found = json.loads(text)
    except ValueError:
        return []
    found = found if isinstance(found, list) else [found]
    return [message for message in found if isinstance(message, dict) and message.get("jsonrpc") == "2.0"]


def may_be_sent_again(request, error):
    """Whether an error is for a moment, and a further sending is safe: it is for all that only reads, and under a key that is kept."""
    data = error.get("data")
    if not isinstance(data, dict) or data.get("code") not in PASSING:
        return False
    return request["method"] != "tools/call" or "idempotencyKey" in data or data.get("effect") == "none"


def is_answered(request, answers):
    """Whether one of them ends the request; an error without an id is about all that was sent."""
    return any(
        answer.get("id") in (request["id"], None) and not may_be_sent_again(request, answer.get("error") or {})
        for answer in answers
    )


def is_final(requests, response):
    """Whether a response that was read whole is an answer to all of these requests."""
    if response.status_code == 429 or response.status_code >= 500:
        return False
    events = response.headers.get("Content-Type", "").startswith("text/event-stream")
    answers = [m for m in messages(response.text, events) if "result" in m or "error" in m]
    return response.status_code >= 300 or all(is_answered(request, answers) for request in requests)


class Again(httpx.AsyncHTTPTransport):
    def __init__(self, **options):
        super().__init__(**options)
        self.refused = {}  # The keys of calls that were refused with 401 or 403, and until when; the oldest first.

    def take_refused(self, call):
        """The key under which this call was refused: a library that has signed in sends the call again. None without one."""
        key, until = self.refused.pop(call, (None, 0))
        return key if time.monotonic() < until else None

    def keep_refused(self, call, key):
        now = time.monotonic()
        kept = [(c, entry) for c, entry in self.refused.items() if now < entry[1]]
        self.refused = dict([*kept, (call, (key, now + LIMIT))][-MOST_REFUSED:])

    async def send(self, request):
        """The response, read whole: a stream that breaks is no answer."""
        with anyio.move_on_after(SENDING_LIMIT):
            response = await super().handle_async_request(request)
            await response.aread()
            return response
        raise httpx.ReadTimeout(f"no whole answer in {SENDING_LIMIT} s", request=request)

    async def handle_async_request(self, request):
        body = (await request.aread()).decode(errors="replace") if request.method == "POST" else ""
        sent = messages(body)
        methods = {message.get("method") for message in sent}
        if not sent or "subscriptions/listen" in methods:  # Whose answer lasts.
            return await super().handle_async_request(request)
        call, made = (str(request.url), request.headers.get("Mcp-Session-Id"), body), None
        if "tools/call" in methods:
            # httpx's auth flow sends the same request object again, which has its key already.
            refused, key = self.take_refused(call), request.headers.get("Idempotency-Key")
            if key in (None, refused):
                made = request.headers["Idempotency-Key"] = refused or str(uuid.uuid4())
        requests = [message for message in sent if "method" in message and "id" in message]
        end, pause = time.monotonic() + LIMIT, 0.02
        while True:
            wait = 0
            try:
                response = await self.send(request)
                after = response.headers.get("Retry-After", "")
                wait = int(after) if after.isdecimal() else 0
                if not wait and is_final(requests, response) or time.monotonic() + wait > end:
                    if made and response.status_code in (401, 403):
                        self.keep_refused(call, made)
                    return response
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            await anyio.sleep(max(wait, pause))
            pause = min(2 * pause, 1)


def client(timeout=None, **options):
    return httpx.AsyncClient(transport=Again(), timeout=timeout or 60, **options)

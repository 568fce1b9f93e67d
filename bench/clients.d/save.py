"""Saves memories one after another until its input ends, and prints a line of JSON for each.
Usage: save.py LIBRARY URL TITLE plain|again, with examples/clients in PYTHONPATH."""
import importlib.metadata
import json
import re
import sys
import threading
from contextlib import asynccontextmanager

import anyio

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SERVERS = re.compile("could not be reached|outcome is unknown|first sending")
# Longer than a call may take with the example.
PATIENCE = 450


def http(again):
    if not again:
        return {}
    from again import client

    return {"httpx_client_factory": client}


@asynccontextmanager
async def mcp(url, again):
    from mcp.client import streamable_http

    if again:
        from again import client

        transport = streamable_http.streamable_http_client(url, http_client=client())
    else:
        transport = streamable_http.streamable_http_client(url)
    try:
        from mcp import Client
    except ImportError:
        from mcp import ClientSession

        async with transport as (read, write, *_), ClientSession(read, write) as session:
            await session.initialize()
            yield session.call_tool
    else:
        async with Client(transport) as client:
            yield client.call_tool


@asynccontextmanager
async def fastmcp(url, again):
    from fastmcp import Client
    from fastmcp.client.transports import StreamableHttpTransport

    async with Client(StreamableHttpTransport(url, **http(again))) as client:
        yield client.call_tool


def langchain_client(url, again):
    from langchain_mcp_adapters.client import MultiServerMCPClient

    return MultiServerMCPClient({"mcpist": {"transport": "streamable_http", "url": url, **http(again)}})


def langchain_call(tools):
    [tool] = [tool for tool in tools if tool.name == "memory_save"]
    return lambda name, arguments: tool.ainvoke(arguments)


@asynccontextmanager
async def langchain(url, again):
    yield langchain_call(await langchain_client(url, again).get_tools())


@asynccontextmanager
async def langchain_session(url, again):
    from langchain_mcp_adapters.tools import load_mcp_tools

    async with langchain_client(url, again).session("mcpist") as session:
        yield langchain_call(await load_mcp_tools(session))


@asynccontextmanager
async def openai_agents(url, again, **retries):
    from agents.mcp import MCPServerStreamableHttp

    async with MCPServerStreamableHttp(
        params={"url": url, **http(again)}, client_session_timeout_seconds=PATIENCE, **retries
    ) as server:
        yield server.call_tool


def openai_agents_retries(url, again):
    return openai_agents(url, again, max_retry_attempts=5)


@asynccontextmanager
async def pydantic_ai(url, again):
    from fastmcp.client.transports import StreamableHttpTransport
    from pydantic_ai.mcp import MCPToolset

    async with MCPToolset(StreamableHttpTransport(url, **http(again))) as tools:
        yield tools.direct_call_tool


LIBRARIES = {
    "mcp-2": ("mcp", mcp),
    "mcp-1": ("mcp", mcp),
    "fastmcp": ("fastmcp", fastmcp),
    "langchain": ("langchain-mcp-adapters", langchain),
    "langchain-session": ("langchain-mcp-adapters", langchain_session),
    "openai-agents": ("openai-agents", openai_agents),
    "openai-agents-retries": ("openai-agents", openai_agents_retries),
    "pydantic-ai": ("pydantic-ai-slim", pydantic_ai),
}


def say(**line):
    print(json.dumps(line), flush=True)


def shown(error):
    while getattr(error, "exceptions", None):
        [error, *_] = error.exceptions
    return f"{type(error).__name__}: {error}"


async def main():
    library, url, title, mode = sys.argv[1:]
    package, connect = LIBRARIES[library]
    way = next((f", {way}" for way in ("retries", "session") if library.endswith(way)), "")
    say(library=f"{package} {importlib.metadata.version(package)}{way}")
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    number, called = 0, 0
    while not over.is_set():
        # What ends a session may also end its context with the call in it.
        try:
            async with connect(url, mode == "again") as call:
                if number:
                    say(reconnected=True)
                alive = 2
                while alive and not over.is_set():
                    number += 1
                    arguments = {"title": f"{title} {number}", "text": "Saved while something breaks"}
                    try:
                        saved = str(await call("memory_save", arguments))
                    except Exception as e:
                        saved = shown(e)
                    called = number
                    found = ID.search(saved)
                    if found:
                        say(n=number, id=found[0])
                        alive = 2
                    else:
                        say(n=number, error=saved)
                        alive = 2 if SERVERS.search(saved) else alive - 1
        except Exception as e:
            if called < number:
                called = number
                say(n=number, error=shown(e))
            await anyio.sleep(0.5)


anyio.run(main)

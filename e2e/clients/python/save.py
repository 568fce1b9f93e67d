"""Calls a mounted server, then saves a memory under each title that it reads, with the transport of examples/clients/again.py, and prints its id.
Usage: save.py URL, with that folder in PYTHONPATH."""
import sys

import anyio
from again import client as http_client
from mcp.client import streamable_http
from sign_in import SignIn


async def save(client):
    tools = (await client.list_tools()).tools
    if not any(tool.name == "echo_echo" for tool in tools):
        raise RuntimeError(tools)
    echoed = await client.call_tool("echo_echo", {"text": "python"})
    if echoed.content[0].text != "python":
        raise RuntimeError(echoed)
    async for title in anyio.wrap_file(sys.stdin):
        arguments = {"title": title.strip(), "text": "Saved while something breaks"}
        saved = await client.call_tool("memory_save", arguments)
        if getattr(saved, "is_error", False) or getattr(saved, "isError", False):
            raise RuntimeError(saved)
        content = getattr(saved, "structured_content", None) or saved.structuredContent
        print(content["id"], flush=True)


async def main():
    transport = streamable_http.streamable_http_client(sys.argv[1], http_client=http_client(auth=SignIn()))
    try:
        from mcp import Client
    except ImportError:
        from mcp import ClientSession

        async with transport as (read, write, *_), ClientSession(read, write) as session:
            await session.initialize()
            await save(session)
    else:
        async with Client(transport) as client:
            await save(client)


anyio.run(main)

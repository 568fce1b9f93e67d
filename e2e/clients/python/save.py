"""Calls a mounted server, then saves memories one after another with the transport of examples/clients/again.py, and prints the id of each.
Usage: save.py URL TITLE COUNT, with that folder in PYTHONPATH."""
import sys

import anyio
from again import client as http_client
from mcp.client import streamable_http

url, title, count = sys.argv[1], sys.argv[2], int(sys.argv[3])


async def save(client):
    tools = (await client.list_tools()).tools
    if not any(tool.name == "echo_echo" for tool in tools):
        raise RuntimeError(tools)
    echoed = await client.call_tool("echo_echo", {"text": title})
    if echoed.content[0].text != title:
        raise RuntimeError(echoed)
    for number in range(count):
        arguments = {"title": f"{title} {number}", "text": "Saved while something breaks"}
        saved = await client.call_tool("memory_save", arguments)
        if getattr(saved, "is_error", False) or getattr(saved, "isError", False):
            raise RuntimeError(saved)
        content = getattr(saved, "structured_content", None) or saved.structuredContent
        print(content["id"], flush=True)
        # So that what breaks meanwhile breaks in the middle.
        await anyio.sleep(0.01)


async def main():
    transport = streamable_http.streamable_http_client(url, http_client=http_client())
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

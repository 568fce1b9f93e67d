"""Saves a memory under each title that it reads, by LangChain's adapters with the transport of examples/clients/again.py, and prints its id.
Each call has a session of its own. Usage: langchain_save.py URL, with that folder in PYTHONPATH."""
import re
import sys

import anyio
from again import client as http_client
from langchain_mcp_adapters.client import MultiServerMCPClient
from sign_in import SignIn

ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def main():
    server = {"transport": "streamable_http", "url": sys.argv[1], "httpx_client_factory": http_client, "auth": SignIn()}
    tools = await MultiServerMCPClient({"mcpist": server}).get_tools()
    [save] = [tool for tool in tools if tool.name == "memory_save"]
    async for title in anyio.wrap_file(sys.stdin):
        saved = await save.ainvoke({"title": title.strip(), "text": "Saved while something breaks"})
        print(ID.search(str(saved))[0], flush=True)


anyio.run(main)

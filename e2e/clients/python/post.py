"""Posts what it reads with the transport of examples/clients/again.py: a line is a session's id and a body, and the status is printed.
A line that comes meanwhile cancels the request, and "cancelled" is printed. With "sign-in" it signs in after a 401.
Usage: post.py URL [sign-in], with that folder in PYTHONPATH."""
import sys

import anyio
from again import client as http_client
from sign_in import SignIn


async def post(client, line):
    session, body = line.rstrip("\n").split(" ", 1)
    headers = {"Mcp-Session-Id": session, "Content-Type": "application/json"}
    try:
        response = await client.post(sys.argv[1], content=body, headers=headers)
        print(response.status_code, flush=True)
    except anyio.get_cancelled_exc_class():
        print("cancelled", flush=True)
        raise


async def main():
    lines = anyio.wrap_file(sys.stdin)
    auth = SignIn() if sys.argv[2:] else None
    async with http_client(auth=auth) as client, anyio.create_task_group() as group:
        scope = None

        async def run(line):
            nonlocal scope
            with anyio.CancelScope() as scope:
                await post(client, line)
            scope = None

        async for line in lines:
            if scope:
                scope.cancel()
            else:
                group.start_soon(run, line)


anyio.run(main)

"""A side that costs little, so that what is measured is the switch: a read is answered from here, a
write with a row of the database.

    python -m bench._switch_app SIDE PORT    (DATABASE_URL in the environment)

It speaks as much HTTP as Envoy asks of it.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress

import psycopg
from psycopg_pool import AsyncConnectionPool

WRITE = "INSERT INTO orders (name, customer, written_by) VALUES (%s, 'bench', %s)"
END = b"\r\n\r\n"


def answer(status: bytes, body: bytes) -> bytes:
    """Return an answer as it goes over the wire."""
    return b"HTTP/1.1 %b\r\ncontent-length: %d%b%b" % (status, len(body), END, body)


class Side:
    """Answers for one side."""

    def __init__(self, name: str, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._name = name
        self._read = answer(b"200 OK", json.dumps({"names": [], "by": name}).encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it is closed."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(END)
                writer.write(await self._answered(head, reader))
        writer.close()

    async def _answered(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        if head.startswith(b"GET"):
            return self._read
        _, _, length = head.lower().partition(b"content-length: ")
        body = await reader.readexactly(int(length.partition(b"\r\n")[0]))
        try:
            async with self._pool.connection() as session:
                await session.execute(WRITE, [json.loads(body)["name"], self._name])
        except psycopg.Error as error:
            return answer(b"500 Internal Server Error", str(error).encode())
        return answer(b"201 Created", body)


async def main(name: str, port: int) -> None:
    """Answer until it is told to end."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    settings = {"autocommit": True, "application_name": f"shop {name}"}
    url = os.environ["DATABASE_URL"]
    async with AsyncConnectionPool(url, min_size=2, max_size=8, kwargs=settings) as pool:
        server = await asyncio.start_server(Side(name, pool).serve, "127.0.0.1", port)
        await ended.wait()
        server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))

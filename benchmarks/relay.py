"""A relay between a browser and a server on this machine, which counts what the browser gets."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType


class Relay:
    """Use as ``with Relay(port) as relay: ...``; browse to ``relay.port``.

    Attributes
    ----------
    port : int
    received : int
        Bytes to the browser so far, HTTP and websocket frames alike.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.received = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        begun = asyncio.run_coroutine_threadsafe(self._begin(), self._loop)
        self.port = begun.result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _begin(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self._pump(reader, to_server, counted=False),
            self._pump(from_server, writer, counted=True),
        )

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        try:
            while data := await source.read(1 << 18):
                if counted:
                    self.received += len(data)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

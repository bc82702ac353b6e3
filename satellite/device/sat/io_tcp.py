# TCP to one of several hosts, tried in order until one answers.
from .core import asyncio

_QUEUE = 2048  # bytes that may wait for a slow network; more are dropped, and the link sends them again


class Tcp:
    def __init__(self, hosts, port):
        self.hosts = hosts
        self.port = port
        self.baud = 0
        self.reader = None
        self.writer = None
        self.waiting = 0
        self.dropped = 0

    async def _connect(self):
        wait = 200
        while True:
            for host in self.hosts:
                try:
                    self.reader, self.writer = await asyncio.wait_for(asyncio.open_connection(host, self.port), 10)
                    self.waiting = 0
                    return
                except (OSError, asyncio.TimeoutError):
                    pass
            await asyncio.sleep_ms(wait)
            wait = min(wait * 2, 10000)

    def _lost(self):
        writer = self.writer
        self.reader = self.writer = None
        if writer:
            try:
                writer.close()
            except OSError:
                pass

    async def read(self, buf, at):
        while True:
            if self.reader is None:
                await self._connect()
            try:
                data = await self.reader.read(len(buf) - at)
            except OSError:
                data = b""
            if data:
                buf[at : at + len(data)] = data
                return len(data)
            self._lost()

    def write(self, buf, n):
        if self.writer is None:
            return
        if self.waiting + n > _QUEUE:
            self.dropped += 1
            return
        self.writer.write(bytes(memoryview(buf)[:n]))
        if not self.waiting:
            asyncio.create_task(self._drain())
        self.waiting += n

    async def _drain(self):
        writer = self.writer
        try:
            if writer:
                await writer.drain()
        except OSError:
            self._lost()
        self.waiting = 0

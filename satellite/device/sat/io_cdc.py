# The line that is also the REPL (USB, or the UART that the chip boots with).
import sys

import micropython

from .core import asyncio


class Cdc:
    def __init__(self, baud=0):
        self.baud = baud
        self.stream = asyncio.StreamReader(sys.stdin.buffer)

    async def read(self, buf, at):
        # The REPL makes Ctrl-C an interrupt again for each command, so it is switched off while the reader runs.
        micropython.kbd_intr(-1)
        while True:
            n = await self.stream.readinto(memoryview(buf)[at : at + 1])
            if n:
                return n
            await asyncio.sleep_ms(1)

    def write(self, buf, n):
        sys.stdout.buffer.write(memoryview(buf)[:n])

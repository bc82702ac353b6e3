# A serial line of the chip.
from .core import asyncio


class Uart:
    def __init__(self, id, baud, tx, rx, rxbuf):
        from machine import UART, Pin

        pins = {}
        if tx is not None:
            pins["tx"] = Pin(tx)
        if rx is not None:
            pins["rx"] = Pin(rx)
        try:
            self.uart = UART(id, baud, rxbuf=rxbuf, **pins)
        except TypeError:  # a port without rxbuf
            self.uart = UART(id, baud, **pins)
        self.baud = baud
        self.stream = asyncio.StreamReader(self.uart)

    async def read(self, buf, at):
        # Waits for bytes, puts them into buf from `at` on. Returns how many.
        while True:
            n = await self.stream.readinto(memoryview(buf)[at:])
            if n:  # some ports wake up for nothing
                return n
            await asyncio.sleep_ms(1)

    def write(self, buf, n):
        self.uart.write(memoryview(buf)[:n])

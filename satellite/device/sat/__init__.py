# What an app of a satellite needs. Lines are loaded when they are used.
from .core import Sat, asyncio


def uart(id, baud=115200, tx=None, rx=None, rxbuf=512):
    # A serial line of the chip.
    from .io_uart import Uart

    return Uart(id, baud, tx, rx, rxbuf)


def tcp(*hosts, port=27588):
    # To the first of these hosts that answers.
    from .io_tcp import Tcp

    return Tcp(hosts, port)


def cdc():
    # The USB line that is also the REPL.
    from .io_cdc import Cdc

    return Cdc()

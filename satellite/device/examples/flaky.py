# A pulse counter at the end of a bad line. On a board, an interrupt counts.
from sat import Sat, asyncio

s = Sat("flaky", line(), uid=b"\x00flaky", ring=512)
pulses = s.value("pulses", log=5, kind="count")
count = 0


async def pulse():
    global count
    while True:
        count += 1
        pulses.set(count)
        await asyncio.sleep_ms(500)


s.task(pulse)

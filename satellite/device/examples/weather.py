# A weather station. On a board: from sat import Sat, uart; line = uart(1, tx=4, rx=5); and real sensors.
import math
import time

from sat import Sat

s = Sat("weather", line(), uid=b"\x00weather", ring=1024)


def wave(low, high, seconds):
    x = time.time() % seconds / seconds
    return low + (high - low) * (1 + math.sin(2 * math.pi * x)) / 2


s.sensor("air.temp", lambda: wave(12, 24, 600), every=1000, db=0.1, log=10, kind="temperature", unit="°C", step=0.1)
s.sensor("air.humidity", lambda: wave(40, 80, 900), every=2000, db=1, log=30, kind="humidity", unit="%", lo=0, hi=100, step=1)
rain = s.value("rain.total", kind="rain", unit="mm", step=0.1)
rain.set(0.0)

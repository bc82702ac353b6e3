# The chip's clock.
import time


def set_clock(seconds):
    # Sets it to seconds since 1970, if there is one and it is wrong by more than a second.
    base = 0 if time.gmtime(0)[0] == 1970 else 946684800
    if abs(time.time() + base - seconds) > 1:
        try:
            from machine import RTC

            t = time.gmtime(seconds - base)
            RTC().datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0))
        except (ImportError, AttributeError):
            pass

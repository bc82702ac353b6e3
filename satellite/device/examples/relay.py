# A relay that lets go by itself when nobody has looked after it for a minute. On a board, `switch` sets a pin.
from sat import Sat

s = Sat("relay", line(), uid=b"\x00relay")
state = [False]


def switch(on):
    state[0] = bool(on)
    return state[0]


s.actor("pump", switch, start=False, gone=False, gone_after=60, kind="switch")
s.button("test", lambda: s.log("somebody pressed the button"), kind="button")

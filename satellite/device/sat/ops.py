# What a host may ask of the board itself: [-9, op, ...] down, answers up. Loaded when the first such message comes.
#
#   1 stats · 2 reboot (1 soft, 2 hard) · 3 safe mode · 4 ls path · 5 run a line of Python · 6 memory
import gc
import os

from . import safe


def serve(sat, m):
    op = m[1]
    if op == 1:
        link = sat.link
        gc.collect()
        say(sat, 1, [gc.mem_free(), link.resent, link.repeated, link.forged, link.odd, sat.frames.bad, sat.dropped, sat.ring.lost if sat.ring else 0])
    elif op == 2:
        if len(m) > 2 and m[2] == 2:
            from machine import reset

            reset()
        safe.reset()
    elif op == 3:
        safe.force()
        safe.reset()
    elif op == 4:
        path = m[2] if len(m) > 2 else ""
        try:
            for name in os.listdir(path or "."):
                say(sat, 4, name, os.stat(path + "/" + name if path else name)[6])
            say(sat, 4)
        except OSError as e:
            say(sat, 4, None, str(e))
    elif op == 5:
        try:
            say(sat, 5, repr(eval(m[2], {"sat": sat})))
        except Exception as e:
            say(sat, 5, None, "%s: %s" % (type(e).__name__, e))
    elif op == 6:
        gc.collect()
        say(sat, 6, gc.mem_free(), gc.mem_alloc())


def say(sat, *values):
    sat.tell(-9, *values)

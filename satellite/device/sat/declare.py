# What a satellite needs before it runs only: what is called on `Sat` and is not found there is found here. Dropped afterwards.
from hashlib import sha256
from time import ticks_ms

from .slot import Slot


def init(sat, name, line, key=None, sign=False, ring=0, uid=None, caps=16):
    # name: how it is called in the tree. line: what uart(), tcp() or cdc() gave. key: 16 to 64 bytes; sign: every frame, too.
    # ring: bytes for samples while the host is away.
    sat.line = line
    sat.slots = []
    sat.hash = sha256(b"")  # of what will be announced
    sat.tasks = [sat._reader, sat._timer, sat._poller]
    sat.answers = []  # messages that wait, with the link's code in front
    sat.base = sat.away = ticks_ms()
    sat.extra = {}  # code -> function(message): what modules of their own serve
    Slot.wake = sat.wake
    if ring:
        from .ring import Ring

        sat.ring = Ring(ring)
    if uid is None:
        from machine import unique_id

        uid = unique_id()
    caps |= (1 if key else 0) | (2 if key and sign else 0) | (8 if ring else 0)
    sat.about = name, uid, caps, key


# Declaring slots. Every one may say kind, unit, lo, hi, step, and when it is reported: min, max (ms), db (deadband),
# log (seconds between samples while the host is away).


def _slot(sat, path, access, more):
    about = [more.pop(k, None) for k in ("kind", "unit", "lo", "hi", "step")]
    while about and about[-1] is None:
        about.pop()
    slot = Slot(path, access, tuple(about))
    if "log" in more:
        slot.log = more.pop("log") * 1000
    policy = tuple(more.pop(k, 0) for k in ("min", "max", "db"))
    if any(policy):
        slot.policy = policy + (0,)
    if more:
        raise TypeError("unknown: %s" % more)
    sat.slots.append(slot)
    sat.hash.update(("%s %d %s %s\n" % (path, access, slot.about, slot.policy)).encode())
    return slot


def sensor(sat, path, get, every=1000, **more):
    # get: a function, plain or async, asked every `every` ms.
    slot = _slot(sat, path, 5, more)
    slot.get = get
    slot.every = every
    return slot


def value(sat, path, **more):
    # The app calls .set() of what this returns.
    return _slot(sat, path, 1, more)


def actor(sat, path, put, gone=None, gone_after=0, start=None, **more):
    # put: a function of the wanted value, plain or async; what it returns, unless None, is the actual value.
    # gone: what it takes by itself when the host has been silent for gone_after seconds.
    slot = _slot(sat, path, 3, more)
    slot.put = put
    if gone_after:
        slot.gone = gone
        slot.gone_ms = gone_after * 1000
    if start is not None:
        slot.set(start)
    return slot


def button(sat, path, put, **more):
    # A momentary command.
    slot = _slot(sat, path, 8, more)
    slot.put = put
    return slot


def task(sat, f):
    # An async function of the app that runs with the rest, and starts again if it fails.
    sat.tasks.append(f)


def config(sat, take):
    # take: a function of the configuration that the host pushes, also called with what is kept; it may refuse by raising.
    from .config import Config, load

    sat.extra[-5] = Config(sat, take).serve
    kept = load()
    if kept:
        take(kept)


def start(sat):
    # The last thing before it runs: its hash, and how an update of the files went.
    from binascii import unhexlify
    sat.about += (sat.hash.digest()[:8],)
    sat.hash = None
    try:
        with open("ota.txn") as f:
            state, hash = f.readline().split()
            sat.update = (-8, 9, state, unhexlify(hash))
    except OSError:
        pass

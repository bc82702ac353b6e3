# How a session begins and ends, on the satellite's side: hello, welcome, confirm, bye. Not in memory while one is up.
# Source: wire/PROTOCOL.md, "Satellite link".
from time import ticks_diff as diff
from time import ticks_ms

from .frame import seal
from .once import once


def init(link, sat, name, uid, caps, key, list_hash):
    # caps: bits, see wire/link/control.ts. key: up to 64 bytes, or None.
    link.host = sat
    link.key = key
    link.hello = name, uid, int.from_bytes(_random(3), "big"), len(sat.slots), list_hash, caps
    link.byte_us = 10000000 // sat.line.baud if sat.line.baud else 0
    reset(link, ticks_ms())  # not 0: a soft reset lets them run on


def _random(n):
    try:
        from os import urandom
    except ImportError:
        from random import getrandbits

        return bytes(getrandbits(8) for _ in range(n))
    return urandom(n)


def reset(link, now):
    # Back to hello, with a new nonce.
    was = link.state
    link.state = 0
    link.nonce = _random(8)
    link.wait = 500
    link.due = now
    _clear(link, None)
    if was == 2:
        _down(link.host, now)


def _clear(link, signer):
    link.free += link.out
    link.out.clear()
    link.signer = signer
    for w in link.free:
        w.end = 129 - (signer.size if signer else 0)
    link.next = link.expected = 0  # numbers in full, from 0 in each session
    link.owed = 0  # frames since the last ack
    link.ack_due = link.host_busy = link.complained = None


def _down(sat, now):
    sat.is_up = False
    sat.away = now


def up(link, now):
    # The host has heard our confirmation.
    link.state = 2
    link.pinged = now
    sat = link.host
    sat.is_up = True
    sat.since = now
    for s in sat.slots:
        s.told = s.logged = None
    sat.answers.clear()
    sat.tell(*sat.update)


def time(link, now):
    # Says hello, or confirms. Returns ms until it is to be said again.
    if link.state:
        if diff(now, link.heard) > 10000:
            reset(link, now)
            return 1
        _say(link, 3, link.proof)
        return 250
    _say(link, 1, 1, *link.hello, link.nonce)
    wait = link.wait
    link.wait = min(wait * 3 // 2, 5000)
    return wait


def _say(link, *values):
    w = link.free[-1]
    w.n = 3
    w.buf[2] = 0xC0
    for v in values:
        w.pack(v)
    link.host.line.write(w.buf, seal(w.buf, w.n - 2))


def control(link, r, now):
    # A control frame came.
    op = r.value()
    if op == 4:
        if link.state:
            reset(link, now)
        elif r.value() != 1:
            link.wait = 5000  # refused: no hurry
    elif op == 2:
        r.value()
        epoch = r.value()
        known = r.value()
        if _welcome(link, r.value(), r.value(), now):
            link.host.told = len(link.host.slots) if known == link.hello[4] else 0
            once("clock").set_clock(epoch // 1000)


def _welcome(link, nonce, mac, now):
    # The host is there. Returns whether this begins a session.
    if link.state and nonce == link.host_nonce:
        return False  # of this very session, heard twice
    proof = nonce
    signer = None
    if link.key:
        from .auth import prove

        proof, signer = prove(link, nonce, mac)
        if not proof:
            return False  # not our host, or its other key
    if link.state == 2:
        _down(link.host, now)
    _clear(link, signer)
    link.proof = proof
    link.host_nonce = nonce
    link.state = 1
    link.heard = link.due = now
    return True

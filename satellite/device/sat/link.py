# The satellite's end of a link: hello, session, a window of four frames each way.
# Source: wire/PROTOCOL.md, "Satellite link"; wire/link/window.ts is the other end.
#
#   hello, until a welcome proves the host's key ─▶ confirm, until the first ack ─▶ up ─silence, bye─▶ hello
from micropython import const
from time import ticks_add, ticks_diff

from .frame import seal
from .mpk import Reader, Writer

VERSION = const(1)
AUTH, SIGN, LONG, RING, FILES, SAFE = const(1), const(2), const(4), const(8), const(16), const(32)
HELLO, CONFIRM, UP = const(0), const(1), const(2)

_HELLO_MS = const(500)
_HELLO_MAX = const(5000)
_CONFIRM_MS = const(250)
_CONFIRMS = const(40)
_PING_MS = const(3000)
_DOWN_MS = const(10000)
_ACK_MS = const(8)
_RESEND_MAX = const(2000)
_NAK_MS = const(10)


class Frame:
    # One that is not acknowledged. buf: start, length, head, payload, signature, checksum.
    def __init__(self):
        self.buf = bytearray(131)
        self.n = 0  # bytes of payload
        self.wait = 0
        self.sent = 0
        self.there = False  # the host has it, but lacks one before it


class Link:
    # `host`: what to do with what arrives: up(known), down(), take(reader) -> bool, clock(epoch_ms), urandom(n).
    def __init__(self, host, write, name, uid, boot, baud=0, key=None, sign=False, long=False, caps=0):
        self.host = host
        self.write = write
        self.name = name
        self.uid = uid
        self.boot = boot
        self.key = key
        self.caps = caps | (AUTH if key else 0) | (SIGN if key and sign else 0) | (LONG if long else 0)
        self.slots = 0
        self.list_hash = b""
        self.byte_us = 10000000 // baud if baud else 0
        self.resend_ms = 524 * self.byte_us // 1000 + _ACK_MS + 31
        self.free = [Frame(), Frame(), Frame(), Frame()]
        self.out = []  # not acknowledged, oldest first
        self.small = bytearray(24)
        self.signer = None
        self.busy = False  # we take nothing at present
        self.resent = self.repeated = self.forged = self.odd = 0
        self.reset(0)

    def reset(self, now):
        # Back to hello, with a new nonce.
        was = self.state if hasattr(self, "state") else HELLO
        self.state = HELLO
        self.signer = None
        self.nonce = self.host.urandom(8)
        self.host_nonce = None
        self.proof = None
        self.wait = _HELLO_MS
        self.due = now
        self._clear()
        if was == UP:
            self.host.down()

    def _clear(self):
        self.free.extend(self.out)
        self.out.clear()
        self.next = 0  # numbers in full, from 0 in each session
        self.expected = 0
        self.early = {}
        self.owed = 0  # frames since the last ack
        self.ack_due = None
        self.host_busy = None
        self.complained = None

    # --- sending

    def can_send(self):
        return self.state == UP and len(self.out) < 4 and self.host_busy is None

    def begin(self):
        # A writer into the next frame; give it to commit().
        room = 131 - 2 - (self.signer.size if self.signer else 0)
        return Writer(self.free[-1].buf, 3, min(room, 129))

    def commit(self, writer, now):
        f = self.free.pop()
        f.n = writer.n - 3
        f.wait = self.resend_ms
        f.there = False
        self.out.append(f)
        self.next += 1
        self._data(self.next - 1, f, now)

    def _data(self, number, f, now):
        f.buf[2] = (number & 7) << 3 | self.expected & 7
        f.sent = now
        self._put(f.buf, f.n + 1, number)
        if not self.early:
            self.owed = 0
            self.ack_due = None

    def _ack(self, flags=0):
        b = self.small
        b[2] = 0x40 | (self.next & 7) << 3 | self.expected & 7
        for e in self.early:
            if e > self.expected:
                flags |= 1 << e - self.expected - 1
        if self.busy:
            flags |= 0x40
        b[3] = flags
        self._put(b, 2 if flags else 1, self.next)
        self.owed = 0
        self.ack_due = None

    def _put(self, buf, n, number):
        # `buf` has n bytes of data from index 2 on.
        if self.signer:
            mac = self.signer.mac(0x75, number, memoryview(buf)[2 : n + 2])
            buf[n + 2 : n + 2 + len(mac)] = mac
            n += len(mac)
        self.write(buf, seal(buf, n))

    def _control(self, *values):
        # Between sessions a frame's buffer is free, and in one only small things are said.
        buf = self.free[-1].buf if self.free else self.small
        w = Writer(buf, 3, len(buf) - 2)
        buf[2] = 0xC0
        for v in values:
            w.pack(v)
        self.write(buf, seal(buf, w.n - 2))

    def set_busy(self, busy):
        self.busy = busy
        if self.state == UP:
            self._ack()

    def bye(self):
        self._control(4, 5, "")

    # --- receiving

    def frame(self, buf, a, b, now):
        # The data of a frame.
        c = buf[a]
        if c >> 6 == 3:
            try:
                self._session(Reader(buf, a + 1, b), now)
            except ValueError:
                self.odd += 1
            return
        if self.state == HELLO or c >> 6 == 2:
            self.odd += 1
            return
        s = self.signer
        if s:
            b -= s.size
            if b <= a or not self._signed(buf, a, b, c):
                self.forged += 1
                return
        self.heard = now
        if self.state == CONFIRM:
            self.state = UP
            self.pinged = now
            self.host.up(self.known)
        self._received(buf, a, b, c, now)

    def _signed(self, buf, a, b, c):
        from .auth import same

        ahead = ((c >> 3) - self.expected) & 7
        number = self.expected + (ahead if ahead < 4 or ahead == 4 and c >> 6 == 1 else ahead - 8)
        view = memoryview(buf)
        return same(self.signer.mac(0x64, number, view[a:b]), view[b : b + self.signer.size])

    def _received(self, buf, a, b, c, now):
        is_ack = c >> 6 == 1
        flags = buf[a + 1] if is_ack and b > a + 1 else 0
        n = (c - (self.next - len(self.out))) & 7
        if n > len(self.out):
            self.odd += 1
            return
        while n:
            self.free.append(self.out.pop(0))
            n -= 1
        if is_ack:
            self.host_busy = now if flags & 0x40 else None
        if self.out:
            self.out[0].there = False
            self._repair(flags, now)
        ahead = ((c >> 3) - self.expected) & 7
        if is_ack:
            # Frames in front of this ack were lost: the line keeps the order.
            if 0 < ahead <= 4 and not all(self.expected + i in self.early for i in range(ahead)):
                self.damaged(now)
        elif ahead >= 4:
            self.repeated += 1
            self._ack()
        elif ahead:
            self.early[self.expected + ahead] = bytes(memoryview(buf)[a + 1 : b])
            self._ack()
        elif self.host.take(Reader(buf, a + 1, b)):
            self.early.pop(self.expected, None)
            self.expected += 1
            self.owed += 1
            self.resume()
            if self.early or self.owed >= 2:
                self._ack()
            elif self.ack_due is None and self.owed:
                self.ack_due = ticks_add(now, _ACK_MS)

    def resume(self):
        # There is room again for what came early.
        while self.expected in self.early:
            data = self.early[self.expected]
            if not self.host.take(Reader(data, 0, len(data))):
                return
            del self.early[self.expected]
            self.expected += 1
            self.owed += 1

    def _repair(self, flags, now):
        # Sends again what is known to be lost: everything before one that arrived, or the oldest if something was damaged.
        last = 0
        for k in range(3):
            if flags & 1 << k and k + 1 < len(self.out):
                self.out[k + 1].there = True
        for i, f in enumerate(self.out):
            if f.there:
                last = i
        if flags & 0x80:
            last = max(last, 1)
        if self.host_busy is not None or not last:
            return
        flight = max(2, sum(f.n + 5 for f in self.out) * self.byte_us // 1000)
        first = self.next - len(self.out)
        for i in range(min(last, len(self.out))):
            f = self.out[i]
            if not f.there and ticks_diff(now, f.sent) >= flight:
                self.resent += 1
                self._data(first + i, f, now)

    def damaged(self, now):
        # Something arrived damaged: asks for it again, because it may have been ours.
        if self.state == UP and (self.complained is None or ticks_diff(now, self.complained) >= _NAK_MS):
            self.complained = now
            self._ack(0x80)

    def _session(self, r, now):
        op = r.value()
        if op == 2:
            r.value()
            epoch = r.value()
            known = r.value()
            nonce = r.value()
            self._welcome(epoch, known, nonce, r.value(), now)
        elif op == 4 and self.state != HELLO:
            self.reset(now)
        elif op == 4 and r.more() and r.value() != 1:
            self.wait = _HELLO_MAX  # refused: no hurry

    def _welcome(self, epoch, known, nonce, mac, now):
        if not isinstance(nonce, bytes) or not isinstance(epoch, int):
            raise ValueError("no welcome")
        if nonce == self.host_nonce and self.state != HELLO:
            return  # of this very session, heard twice
        proof = nonce
        signer = None
        if self.key:
            from .auth import Signer, hmac, same

            both = self.nonce + nonce
            if not mac or not same(mac, hmac(self.key, b"h", both, self.name.encode())[:8]):
                return  # not our host, or its other key
            proof = hmac(self.key, b"s", both, self.uid)[:8]
            if self.caps & SIGN:
                signer = Signer(hmac(self.key, b"k", both), 8 if self.caps & LONG else 4)
        if self.state == UP:
            self.host.down()
        self._clear()
        self.signer = signer
        self.host_nonce = nonce
        self.proof = proof
        self.known = known == self.list_hash
        self.state = CONFIRM
        self.heard = now
        self.tries = 0
        self.due = now
        self.host.clock(epoch)

    # --- time

    def time(self, now):
        # Does what is due. Returns ms until something is.
        if self.state == HELLO:
            if ticks_diff(now, self.due) >= 0:
                self.due = ticks_add(now, self.wait)
                self.wait = min(self.wait * 3 // 2, _HELLO_MAX)
                self._control(1, VERSION, self.name, self.uid, self.boot, self.slots, self.list_hash, self.caps, self.nonce)
            return max(1, ticks_diff(self.due, now))
        if self.state == CONFIRM:
            if ticks_diff(now, self.due) >= 0:
                self.tries += 1
                if self.tries > _CONFIRMS:
                    self.reset(now)
                    return 1
                self.due = ticks_add(now, _CONFIRM_MS)
                self._control(3, self.proof)
            return max(1, ticks_diff(self.due, now))
        if ticks_diff(now, self.heard) >= _DOWN_MS:
            self.reset(now)
            return 1
        left = 1000
        if self.host_busy is not None:
            if ticks_diff(now, self.host_busy) < _RESEND_MAX:
                return 20
            self.host_busy = None  # the ack that cleared it may be lost
        if self.ack_due is not None:
            d = ticks_diff(self.ack_due, now)
            if d <= 0:
                self._ack()
            else:
                left = min(left, d)
        first = self.next - len(self.out)
        for i in range(len(self.out)):
            f = self.out[i]
            if f.there:
                continue
            d = f.wait - ticks_diff(now, f.sent)
            if d <= 0:
                f.wait = min(f.wait * 2, _RESEND_MAX)
                self.resent += 1
                self._data(first + i, f, now)
                d = f.wait
            left = min(left, d)
        if ticks_diff(now, self.heard) >= _PING_MS and ticks_diff(now, self.pinged) >= _PING_MS and self.can_send():
            self.pinged = now
            self.ping(now)
        return left

    def ping(self, now):
        w = self.begin()
        w.array(2)
        w.pack(-1)
        w.pack(now)
        self.commit(w, now)

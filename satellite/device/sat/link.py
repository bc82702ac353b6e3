# The satellite's end of a link: hello, session, a window of four frames each way.
# Source: wire/PROTOCOL.md, "Satellite link"; wire/link/window.ts is the other end.
#
#   hello, until a welcome proves the host's key ─▶ confirm, until the first ack ─▶ up ─silence, bye─▶ hello
#
# Times are ticks in ms.
from time import ticks_diff as diff

from .frame import seal
from .mpk import Reader, Writer
from .once import once


class Frame:
    # One that is not acknowledged. buf: start, length, head, n bytes of payload, signature, checksum.
    there = False  # the host has it, but lacks one before it

    def __init__(self):
        self.buf = bytearray(131)


class Link:
    # host: who gets what arrives; has up(known), down(), take(reader) -> bool, clock(epoch_ms), random(n).
    # caps: bits, see wire/link/control.ts. key: up to 64 bytes, if caps has bit 1.
    state = 0  # 0 hello, 1 confirm, 2 up
    busy = False  # we take nothing at present
    signer = None  # what signs every frame, if something does
    opening = None  # the module of that name, while there is no session
    resent = repeated = forged = odd = 0
    slots = 0
    list_hash = b""

    def __init__(self, host, write, about, caps, key, baud):
        self.host = host
        self.write = write
        self.about = about  # name, uid, boot id
        self.caps = caps
        self.key = key
        self.byte_us = 10000000 // baud if baud else 0
        self.free = [Frame(), Frame(), Frame(), Frame()]
        self.out = []  # not acknowledged, oldest first
        self.small = bytearray(16)
        self.reset(0)

    def reset(self, now):
        # Back to hello, with a new nonce.
        was = self.state
        self.state = 0
        self.nonce = self.host.random(8)
        self.wait = 500
        self.due = now
        self.clear()
        if was == 2:
            self.host.down()

    def clear(self):
        # All is as at the beginning of a session.
        self.free += self.out
        self.out.clear()
        self.signer = None
        self.next = self.expected = 0  # numbers in full, from 0 in each session
        self.owed = 0  # frames since the last ack
        self.ack_due = self.host_busy = self.complained = None

    # --- sending

    def can_send(self):
        return self.state == 2 and len(self.out) < 4 and self.host_busy is None

    def begin(self):
        # A writer into the next frame; give it to commit().
        return Writer(self.free[-1].buf, 3, 129 - (self.signer.size if self.signer else 0))

    def commit(self, writer, now):
        f = self.free.pop()
        f.n = writer.n - 3
        f.there = False
        f.wait = 524 * self.byte_us // 1000 + 39
        self.out.append(f)
        self.next += 1
        self._data(len(self.out) - 1, now)

    def _data(self, i, now):
        f = self.out[i]
        f.sent = now
        number = self.next - len(self.out) + i
        f.buf[2] = (number & 7) << 3 | self.expected & 7
        self._put(f.buf, f.n + 1, number)
        self.owed = 0
        self.ack_due = None

    def _again(self, i, now):
        self.resent += 1
        self._data(i, now)

    def ack(self, flags=0):
        # flags: 0x80: something arrived damaged, send again.
        b = self.small
        b[2] = 0x40 | (self.next & 7) << 3 | self.expected & 7
        b[3] = flags | (0x40 if self.busy else 0)
        self._put(b, 2 if b[3] else 1, self.next)
        self.owed = 0
        self.ack_due = None

    def _put(self, buf, n, number):
        # buf has n bytes of data from index 2 on.
        if self.signer:
            n = self.signer.sign(buf, n, number)
        self.write(buf, seal(buf, n))

    def control(self, *values):
        buf = self.free[-1].buf if self.free else bytearray(16)
        w = Writer(buf, 3, len(buf) - 2)
        buf[2] = 0xC0
        for v in values:
            w.pack(v)
        self.write(buf, seal(buf, w.n - 2))

    # --- receiving

    def frame(self, buf, a, b, now):
        # The data of a frame.
        c = buf[a]
        if c >> 6 == 3:
            try:
                self._control(Reader(buf, a + 1, b), now)
            except (ValueError, TypeError):
                self.odd += 1
            return
        if not self.state or c >> 6 == 2:
            self.odd += 1
            return
        ack = c >> 6
        ahead = ((c >> 3) - self.expected) & 7
        if self.signer:
            b -= self.signer.size
            if b <= a or not self.signer.is_right(buf, a, b, self.expected + (ahead if ahead < 4 + ack else ahead - 8)):
                self.forged += 1
                return
        self.heard = now
        if self.state == 1:
            self.state = 2
            self.pinged = now
            self.opening = None
            self.host.up(self.known)
        out = self.out
        n = (c - self.next + len(out)) & 7
        if n > len(out):
            self.odd += 1
            return
        while n:
            self.free.append(out.pop(0))
            n -= 1
        flags = buf[a + 1] if ack and b > a + 1 else 0
        if ack:
            self.host_busy = now if flags & 0x40 else None
        if out:
            self._repair(flags, now)
        if ahead > 3 + ack:
            if not ack:
                self.repeated += 1
                self.ack()
        elif ahead:
            # The line keeps the order, so what went before is lost. What came early is not kept: it comes again, too.
            self.damaged(now)
        elif not ack and self.host.take(Reader(buf, a + 1, b)):
            self.expected += 1
            self.owed += 1
            if self.owed > 1:
                self.ack()
            else:
                self.ack_due = now

    def _repair(self, flags, now):
        # Sends again what is known to be lost: everything before one that arrived, or the oldest if something was damaged.
        out = self.out
        out[0].there = False
        last = flags >> 7
        for k in range(1, len(out)):
            if flags & 1 << k - 1:
                out[k].there = True
            if out[k].there:
                last = k
        # One that was sent a moment ago may still arrive.
        flight = 2 + sum(f.n + 5 for f in out) * self.byte_us // 1000
        for i in range(last if self.host_busy is None else 0):
            if not out[i].there and diff(now, out[i].sent) >= flight:
                self._again(i, now)

    def damaged(self, now):
        # Something arrived damaged: asks for it again, because it may have been ours.
        if self.state == 2 and (self.complained is None or diff(now, self.complained) > 9):
            self.complained = now
            self.ack(0x80)

    def _control(self, r, now):
        op = r.value()
        if op == 4:
            if self.state:
                self.reset(now)
            elif r.value() != 1:
                self.wait = 5000  # refused: no hurry
        elif op == 2:
            r.value()
            epoch = r.value()
            if self.begins().welcome(self, r.value(), r.value(), r.value(), now):
                self.host.clock(epoch)

    def begins(self):
        self.opening = self.opening or once("opening")
        return self.opening

    # --- time

    def time(self, now):
        # Does what is due. Returns ms until something is.
        if self.state < 2:
            left = diff(self.due, now)
            if left > 0:
                return left
            left = self.begins().time(self, now)
            self.due = now + left
            return left
        silent = diff(now, self.heard)
        if silent > 9999:
            self.reset(now)
            return 1
        if self.host_busy is not None:
            if diff(now, self.host_busy) < 2000:
                return 20
            self.host_busy = None  # the ack that cleared it may be lost
        left = 1000
        if self.ack_due is not None:
            left = 8 - diff(now, self.ack_due)
            if left < 1:
                self.ack()
                left = 1000
        for i, f in enumerate(self.out):
            if not f.there:
                d = f.wait - diff(now, f.sent)
                if d < 1:
                    d = f.wait = min(f.wait * 2, 2000)
                    self._again(i, now)
                left = min(left, d)
        if silent > 2999 and diff(now, self.pinged) > 2999 and self.can_send():
            self.pinged = now
            w = self.begin()
            w.pack((-1, now))
            self.commit(w, now)
        return left

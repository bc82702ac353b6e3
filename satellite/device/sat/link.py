# The satellite's end of a link: a window of four frames each way. How a session begins is in opening.py.
# Source: wire/PROTOCOL.md, "Satellite link"; wire/link/window.ts is the other end.
#
#   hello, until a welcome proves the host's key ─▶ confirm, until the first ack ─▶ up ─silence, bye─▶ hello
#
# Times are ticks in ms. Frames are Writers: start, length, head, payload in buf[3:n], signature, checksum; and when it was sent,
# how long an ack may take, and whether the host has it there, but lacks one before it.
from time import ticks_diff as diff

from .frame import seal
from .mpk import Reader, Writer
from .once import once


class Link:
    # host: a Sat; its take(reader) gets what arrives, and says False if it has no room.
    state = 0  # 0 hello, 1 confirm, 2 up
    busy = False  # we take nothing at present
    opening = None  # the module of that name, while there is no session
    resent = repeated = forged = odd = 0

    def __init__(self):
        # The buffers, as early as can be: later there may be no room of that size. begins().init() gives it the rest.
        self.free = [Writer(bytearray(131), 3, 129) for _ in range(4)]
        self.out = []  # not acknowledged, oldest first
        self.small = bytearray(16)

    def begins(self):
        self.opening = self.opening or once("opening")
        return self.opening

    # --- sending

    def can_send(self):
        return self.state == 2 and len(self.out) < 4 and self.host_busy is None

    def begin(self):
        # The next frame; when it is written, commit() sends it.
        w = self.free[-1]
        w.n = 3
        return w

    def commit(self, now):
        w = self.free.pop()
        w.there = False
        w.sent = None
        w.wait = 524 * self.byte_us // 1000 + 39
        self.out.append(w)
        self.next += 1
        self._data(len(self.out) - 1, now)

    def _data(self, i, now):
        w = self.out[i]
        self.resent += w.sent is not None
        w.sent = now
        self._put(w.buf, w.n - 2, 0, self.next - len(self.out) + i)

    def ack(self, flags=0):
        # flags: 0x80: something arrived damaged, send again.
        b = self.small
        b[3] = flags | (0x40 if self.busy else 0)
        self._put(b, 2 if b[3] else 1, 0x40, self.next)

    def _put(self, buf, n, kind, number):
        # buf has n bytes of data from index 2 on.
        buf[2] = kind | (number & 7) << 3 | self.expected & 7
        self.owed = 0
        self.ack_due = None
        if self.signer:
            n = self.signer.sign(buf, n, number)
        self.host.line.write(buf, seal(buf, n))

    # --- receiving

    def frame(self, buf, a, b, now):
        # The data of a frame.
        c = buf[a]
        ack = c >> 6
        if ack == 3:
            try:
                self.begins().control(self, Reader(buf, a + 1, b), now)
            except (ValueError, TypeError):
                self.odd += 1
            if self.state == 2:
                self.opening = None
            return
        if not self.state or ack == 2:
            self.odd += 1
            return
        ahead = ((c >> 3) - self.expected) & 7
        if self.signer:
            b -= self.signer.size
            if b <= a or not self.signer.is_right(buf, a, b, self.expected + (ahead if ahead < 4 + ack else ahead - 8)):
                self.forged += 1
                return
        self.heard = now
        if self.state == 1:
            self.begins().up(self, now)
            self.opening = None
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
        flight = 2 + sum(w.n for w in out) * self.byte_us // 1000
        for i in range(last if self.host_busy is None else 0):
            if not out[i].there and diff(now, out[i].sent) >= flight:
                self._data(i, now)

    def damaged(self, now):
        # Something arrived damaged: asks for it again, because it may have been ours.
        if self.state == 2 and (self.complained is None or diff(now, self.complained) > 9):
            self.complained = now
            self.ack(0x80)

    # --- time

    def time(self, now):
        # Does what is due. Returns ms until something is.
        if self.state < 2:
            left = diff(self.due, now)
            if left < 1:
                left = self.begins().time(self, now)
                self.due = now + left
            return left
        silent = diff(now, self.heard)
        if silent > 9999:
            self.begins().reset(self, now)
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
        for i, w in enumerate(self.out):
            if not w.there:
                d = w.wait - diff(now, w.sent)
                if d < 1:
                    d = w.wait = min(w.wait * 2, 2000)
                    self._data(i, now)
                left = min(left, d)
        if silent > 2999 and diff(now, self.pinged) > 2999 and self.can_send():
            self.pinged = now
            self.begin().pack((-1, now))
            self.commit(now)
        return left

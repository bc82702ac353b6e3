# Frames on the line: 0x85, length, 1..127 bytes of data, CRC high, CRC low.
# What begins like a frame and is none costs one byte; the rest is looked through again.
# Source: wire/PROTOCOL.md, "Satellite link"; SerialPacker.
from array import array
from micropython import const

START = const(0x85)
MAX = const(127)

_T = array("H", (
    0x0000, 0x64A8, 0xC950, 0xADF8, 0xE7FB, 0x8353, 0x2EAB, 0x4A03,
    0xBAAD, 0xDE05, 0x73FD, 0x1755, 0x5D56, 0x39FE, 0x9406, 0xF0AE))


def crc(buf, a, b):
    t = _T
    c = 0
    while a < b:
        v = buf[a]
        c = t[(v >> 4 ^ c) & 15] ^ c >> 4
        c = t[(v ^ c) & 15] ^ c >> 4
        a += 1
    return c


def seal(buf, n):
    # `buf` has n bytes of data from index 2 on: adds what makes a frame of them. Returns its length.
    buf[0] = START
    buf[1] = n
    c = crc(buf, 2, n + 2)
    buf[n + 2] = c >> 8
    buf[n + 3] = c & 255
    return n + 4


class Frames:
    # Takes what came from the line, gives frames. Holds at most one.
    def __init__(self):
        self.buf = bytearray(2 * (MAX + 4))
        self.a = 0  # the frame under way begins here
        self.n = 0  # behind the last byte
        self.bad = 0

    def room(self):
        # Where the next bytes go: (buffer, index).
        if self.a:
            self.buf[: self.n - self.a] = self.buf[self.a : self.n]
            self.n -= self.a
            self.a = 0
        return self.buf, self.n

    def feed(self, data, n):
        # Copies the n first bytes of `data` as far as there is room. Returns how many.
        buf, at = self.room()
        n = min(n, len(buf) - at)
        i = 0
        while i < n:
            buf[at + i] = data[i]
            i += 1
        self.n = at + n
        return n

    def next(self):
        # The data of the next frame as (start, end) within `buf`, or None. Valid until room() or feed().
        buf = self.buf
        while self.a < self.n:
            a = self.a
            if buf[a] != START:
                self.a += 1
                continue
            if a + 1 >= self.n:
                return None
            end = a + 2 + buf[a + 1]
            if not 0 < buf[a + 1] <= MAX:
                self._skip()
            elif end + 2 > self.n:
                return None
            elif crc(buf, a + 2, end) != buf[end] << 8 | buf[end + 1]:
                self._skip()
            else:
                self.a = end + 2
                return a + 2, end
        return None

    def gap(self):
        # The line has been silent: what is under way never ends. Call next() behind it.
        if self.a < self.n:
            self._skip()
            return True
        return False

    def _skip(self):
        self.a += 1
        self.bad += 1

# Frames on the line: 0x85, length, 1..127 bytes of data, CRC high, CRC low.
# What begins like a frame and is none costs one byte; the rest is looked through again.
# Source: wire/PROTOCOL.md, "Satellite link"; SerialPacker.
from array import array

T = array("H", b"\x00\x00\xa8\x64\x50\xc9\xf8\xad\xfb\xe7\x53\x83\xab\x2e\x03\x4a\xad\xba\x05\xde\xfd\x73\x55\x17\x56\x5d\xfe\x39\x06\x94\xae\xf0")


def crc(buf, a, b):
    t = T
    c = 0
    while a < b:
        v = buf[a]
        c = t[(v >> 4 ^ c) & 15] ^ c >> 4
        c = t[(v ^ c) & 15] ^ c >> 4
        a += 1
    return c


def seal(buf, n):
    # `buf` has n bytes of data from index 2 on: adds what makes a frame of them. Returns its length.
    buf[0] = 0x85
    buf[1] = n
    c = crc(buf, 2, n + 2)
    buf[n + 2] = c >> 8
    buf[n + 3] = c & 255
    return n + 4


class Frames:
    # What came from the line, and has not been told apart yet: buf[a:n].
    def __init__(self):
        self.buf = bytearray(200)
        self.a = self.n = self.bad = 0

    def room(self):
        # Moves what is left to the front. The next bytes go behind it.
        if self.a:
            self.buf[: self.n - self.a] = self.buf[self.a : self.n]
            self.n -= self.a
            self.a = 0

    def next(self, last=False):
        # Where the data of the next frame are, as (start, end), or None. last: nothing more will come.
        buf = self.buf
        while self.a < self.n:
            a = self.a + 2
            if buf[a - 2] == 0x85:
                b = a + buf[a - 1]
                if (a > self.n or b + 2 > self.n and a < b < a + 128) and not last:
                    return None
                if b + 2 <= self.n and a < b < a + 128 and crc(buf, a, b) == buf[b] << 8 | buf[b + 1]:
                    self.a = b + 2
                    return a, b
                self.bad += 1
            self.a += 1
        return None

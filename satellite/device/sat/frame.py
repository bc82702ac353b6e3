# Frames on the line: 0x85, length, 1..127 bytes of data, CRC high, CRC low.
# What begins like a frame and is none costs one byte; the rest is looked through again.
# Source: wire/PROTOCOL.md, "Satellite link"; SerialPacker.
# fmt: off
T = (
    0x0000, 0x64A8, 0xC950, 0xADF8, 0xE7FB, 0x8353, 0x2EAB, 0x4A03,
    0xBAAD, 0xDE05, 0x73FD, 0x1755, 0x5D56, 0x39FE, 0x9406, 0xF0AE,
)
# fmt: on


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
        # Moves what is left to the front. Returns where the next bytes go.
        n = self.n - self.a
        self.buf[:n] = self.buf[self.a : self.n]
        self.a = 0
        self.n = n
        return n

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

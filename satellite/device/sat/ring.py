# Samples kept while the host is away: one buffer, the oldest go when it is full.
# Record: length (of what follows), slot, 4 bytes of seconds, the value in msgpack: 11 bytes for a float.
from .mpk import Full, Reader, Writer


class Ring:
    def __init__(self, size):
        self.buf = bytearray(size)
        self.a = 0  # the oldest record
        self.used = 0
        self.lost = 0  # dropped, and not told yet
        self.count = 0
        self.one = bytearray(40)

    def _at(self, i):
        return self.buf[(self.a + i) % len(self.buf)]

    def _drop(self):
        n = self._at(0) + 1
        self.a = (self.a + n) % len(self.buf)
        self.used -= n
        self.count -= 1

    def add(self, slot, seconds, value):
        # Keeps a sample; one that is too long counts as lost.
        one = self.one
        w = Writer(one, 6)
        try:
            w.pack(value)
        except Full:
            self.lost += 1
            return
        one[0] = w.n - 1
        one[1] = slot
        for i in range(4):
            one[2 + i] = seconds >> 24 - 8 * i & 255
        while self.used + w.n > len(self.buf):
            self._drop()
            self.lost += 1
        end = self.a + self.used
        for i in range(w.n):
            self.buf[(end + i) % len(self.buf)] = one[i]
        self.used += w.n
        self.count += 1

    def peek(self):
        # The oldest: (slot, seconds, value), or None.
        if not self.count:
            return None
        n = self._at(0)
        one = self.one
        for i in range(n):
            one[i] = self._at(1 + i)
        seconds = one[1] << 24 | one[2] << 16 | one[3] << 8 | one[4]
        return one[0], seconds, Reader(one, 5, n).value()

    def pop(self):
        if self.count:
            self._drop()

# Samples kept while the host is away: one buffer, the oldest go when it is full.
# Record: length (of what follows), slot, 4 bytes of seconds, the value in msgpack: 11 bytes for a float.
from .mpk import Full, Reader, Writer


class Ring:
    a = used = 0  # where the oldest record is, and how many bytes there are
    count = lost = 0  # records; dropped ones that were not told yet

    def __init__(self, size):
        self.buf = bytearray(size)
        self.one = bytearray(40)

    def _drop(self):
        n = self.buf[self.a] + 1
        self.a = (self.a + n) % len(self.buf)
        self.used -= n
        self.count -= 1

    def add(self, slot, seconds, value):
        # Keeps a sample; one that is too long counts as lost.
        w = Writer(self.one, 1, 40)
        try:
            w.put(slot, seconds.to_bytes(4, "big"))
            w.pack(value)
        except Full:
            self.lost += 1
            return
        self.one[0] = w.n - 1
        size = len(self.buf)
        while self.used + w.n > size:
            self._drop()
            self.lost += 1
        for i in range(w.n):
            self.buf[(self.a + self.used + i) % size] = self.one[i]
        self.used += w.n
        self.count += 1

    def tell(self, w, now):
        # Writes what fits: [slot, value, age], the age in ms or, negative, in seconds; first how many are lost.
        if self.lost:
            w.pack((-7, self.lost))
            self.lost = 0
        while self.count:
            size = len(self.buf)
            n = self.buf[self.a]
            for i in range(n):
                self.one[i] = self.buf[(self.a + 1 + i) % size]
            age = now - int.from_bytes(self.one[1:5], "big")
            at = w.n
            try:
                w.pack((self.one[0], Reader(self.one, 5, n).value(), age * 1000 if age < 65 else -age))
            except Full:
                w.n = at
                return
            self._drop()

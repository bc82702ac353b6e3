# The part of msgpack that satellites speak, into and out of buffers that exist already.
# Floats are written in four bytes. Integers have up to 64 bits.
import struct


class Full(Exception):
    # The buffer has no room for this value.
    pass


class Writer:
    def __init__(self, buf, at=0, end=None):
        self.buf = buf
        self.n = at
        self.end = len(buf) if end is None else end

    def put(self, code, value, size):
        # A code and a big-endian integer of `size` bytes.
        n = self.n
        if n + 1 + size > self.end:
            raise Full
        self.buf[n] = code
        self.n = n + 1 + size
        while size:
            self.buf[n + size] = value & 255
            value >>= 8
            size -= 1

    def raw(self, data):
        n = len(data)
        if self.n + n > self.end:
            raise Full
        self.buf[self.n : self.n + n] = data
        self.n += n

    def array(self, n):
        if n < 16:
            self.put(0x90 | n, 0, 0)
        else:
            self.put(0xDC, n, 2)

    def pack(self, v):
        # Raises Full, and then has written a part: remember `n` and set it back.
        if v is None:
            self.put(0xC0, 0, 0)
        elif v is True or v is False:
            self.put(0xC3 if v else 0xC2, 0, 0)
        elif isinstance(v, int):
            self._int(v)
        elif isinstance(v, float):
            if self.n + 5 > self.end:
                raise Full
            struct.pack_into(">Bf", self.buf, self.n, 0xCA, v)
            self.n += 5
        elif isinstance(v, str):
            v = v.encode()
            n = len(v)
            if n < 32:
                self.put(0xA0 | n, 0, 0)
            elif n < 256:
                self.put(0xD9, n, 1)
            else:
                self.put(0xDA, n, 2)
            self.raw(v)
        elif isinstance(v, (bytes, bytearray, memoryview)):
            n = len(v)
            if n < 256:
                self.put(0xC4, n, 1)
            else:
                self.put(0xC5, n, 2)
            self.raw(v)
        elif isinstance(v, (list, tuple)):
            self.array(len(v))
            for x in v:
                self.pack(x)
        elif isinstance(v, dict):
            n = len(v)
            if n < 16:
                self.put(0x80 | n, 0, 0)
            else:
                self.put(0xDE, n, 2)
            for k in v:
                self.pack(k)
                self.pack(v[k])
        else:
            raise TypeError("cannot pack %s" % type(v))

    def _int(self, v):
        if -32 <= v < 128:
            self.put(v & 255, 0, 0)
        elif v >= 0:
            if v < 256:
                self.put(0xCC, v, 1)
            elif v < 65536:
                self.put(0xCD, v, 2)
            elif v < 1 << 32:
                self.put(0xCE, v, 4)
            elif v < 1 << 64:
                self.put(0xCF, v, 8)
            else:
                raise ValueError("more than 64 bits")
        elif v >= -128:
            self.put(0xD0, v, 1)
        elif v >= -32768:
            self.put(0xD1, v, 2)
        elif v >= -(1 << 31):
            self.put(0xD2, v, 4)
        elif v >= -(1 << 63):
            self.put(0xD3, v, 8)
        else:
            raise ValueError("more than 64 bits")


class Reader:
    # Reads values from buf[at:end]. Raises ValueError at what is no msgpack, or goes beyond the end.
    def __init__(self, buf, at, end):
        self.buf = buf
        self.at = at
        self.end = end

    def more(self):
        return self.at < self.end

    def _uint(self, n):
        at = self.at
        if at + n > self.end:
            raise ValueError("cut short")
        v = 0
        for i in range(at, at + n):
            v = v << 8 | self.buf[i]
        self.at = at + n
        return v

    def _bytes(self, n):
        at = self.at
        if at + n > self.end:
            raise ValueError("cut short")
        self.at = at + n
        return bytes(self.buf[at : at + n])

    def value(self, depth=8):
        c = self._uint(1)
        if c < 0x80:
            return c
        if c >= 0xE0:
            return c - 256
        if c < 0x90:
            return self._map(c & 15, depth)
        if c < 0xA0:
            return self._list(c & 15, depth)
        if c < 0xC0:
            return self._bytes(c & 31).decode()
        if c == 0xC0:
            return None
        if c == 0xC2 or c == 0xC3:
            return c == 0xC3
        if 0xC4 <= c <= 0xC6:
            return self._bytes(self._uint(1 << c - 0xC4))
        if c == 0xCA:
            return struct.unpack(">f", self._bytes(4))[0]
        if c == 0xCB:
            return struct.unpack(">d", self._bytes(8))[0]
        if 0xCC <= c <= 0xCF:
            return self._uint(1 << c - 0xCC)
        if 0xD0 <= c <= 0xD3:
            n = 1 << c - 0xD0
            v = self._uint(n)
            return v - (1 << 8 * n) if v >> 8 * n - 1 else v
        if 0xD9 <= c <= 0xDB:
            return self._bytes(self._uint(1 << c - 0xD9)).decode()
        if c == 0xDC:
            return self._list(self._uint(2), depth)
        if c == 0xDE:
            return self._map(self._uint(2), depth)
        raise ValueError("not for satellites: %x" % c)

    def _list(self, n, depth):
        if depth == 0 or n > self.end - self.at:
            raise ValueError("too much")
        return [self.value(depth - 1) for _ in range(n)]

    def _map(self, n, depth):
        if depth == 0 or n > self.end - self.at:
            raise ValueError("too much")
        m = {}
        for _ in range(n):
            k = self.value(0)
            m[k] = self.value(depth - 1)
        return m

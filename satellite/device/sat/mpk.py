# The part of msgpack that satellites speak, into and out of buffers that exist already.
# Floats are written in four bytes. Integers have up to 64 bits.
import struct


class Full(Exception):
    # The buffer has no room for this value.
    pass


class Writer:
    # Writes to buf[n:end].
    def __init__(self, buf, n, end):
        self.buf = buf
        self.n = n
        self.end = end

    def put(self, code, value, size, data=b""):
        # A code, a big-endian integer of `size` bytes, bytes.
        n = self.n
        m = n + 1 + size
        if m + len(data) > self.end:
            raise Full
        self.buf[n] = code
        while size:
            self.buf[n + size] = value & 255
            value >>= 8
            size -= 1
        self.n = m + len(data)
        self.buf[m : self.n] = data

    def pack(self, v):
        # Raises Full, and then may have written a part: remember `n` and set it back.
        if v is None:
            self.put(0xC0, 0, 0)
        elif isinstance(v, bool):
            self.put(0xC3 if v else 0xC2, 0, 0)
        elif isinstance(v, int):
            if -33 < v < 128:
                self.put(v & 255, 0, 0)
            else:
                k = 0
                while v >> (8 << k) not in (0, -1) or v < 0 and not v >> (8 << k) - 1 & 1:
                    k += 1
                if k > 3:
                    raise ValueError("more than 64 bits")
                self.put((0xD0 if v < 0 else 0xCC) + k, v, 1 << k)
        elif isinstance(v, float):
            self.put(0xCA, 0, 0, struct.pack(">f", v))
        elif isinstance(v, str):
            v = v.encode()
            if len(v) < 32:
                self.put(0xA0 | len(v), 0, 0, v)
            else:
                self._long(0xD9, v)
        elif isinstance(v, (list, tuple)):
            self._count(0x90, 0xDC, len(v))
            for x in v:
                self.pack(x)
        elif isinstance(v, dict):
            self._count(0x80, 0xDE, len(v))
            for k in v:
                self.pack(k)
                self.pack(v[k])
        else:
            self._long(0xC4, v)

    def _count(self, few, many, n):
        if n < 16:
            self.put(few | n, 0, 0)
        else:
            self.put(many, n, 2)

    def _long(self, code, v):
        k = len(v) > 255
        self.put(code + k, len(v), 1 + k, v)


class Reader:
    # Reads values from buf[at:end]. Raises ValueError at what is no msgpack, or goes beyond the end.
    def __init__(self, buf, at, end):
        self.buf = buf
        self.at = at
        self.end = end

    def take(self, n):
        at = self.at
        self.at = at + n
        if self.at > self.end:
            raise ValueError("cut short")
        return bytes(self.buf[at : at + n])

    def uint(self, n):
        return int.from_bytes(self.take(n), "big")

    def value(self, depth=8):
        c = self.uint(1)
        if c < 0x80:
            return c
        if c > 0xDF:
            return c - 256
        if c < 0xA0 or c in (0xDC, 0xDE):
            n = self.uint(2) if c > 0xA0 else c & 15
            if not depth or n > self.end - self.at:
                raise ValueError("too much")
            depth -= 1
            if c > 0x8F and c != 0xDE:
                return [self.value(depth) for _ in range(n)]
            m = {}
            for _ in range(n):
                k = self.value(0)
                m[k] = self.value(depth)
            return m
        if c < 0xC0:
            return self.take(c & 31).decode()
        if c < 0xC4:
            return None if c == 0xC0 else c == 0xC3
        if c < 0xC7:
            return self.take(self.uint(1 << c - 0xC4))
        if c == 0xCA:
            return struct.unpack(">f", self.take(4))[0]
        if c == 0xCB:
            return struct.unpack(">d", self.take(8))[0]
        if 0xCC <= c < 0xD4:
            n = 1 << (c & 3)
            v = self.uint(n)
            return v - (1 << 8 * n) if c > 0xCF and v >> 8 * n - 1 else v
        if 0xD9 <= c < 0xDC:
            return self.take(self.uint(1 << c - 0xD9)).decode()
        raise ValueError("not for satellites: %x" % c)

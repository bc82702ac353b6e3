# The part of msgpack that satellites speak, into and out of buffers that exist already.
# Floats are written in four bytes. Integers have up to 64 bits, with their sign.
from struct import calcsize, pack, unpack_from


Full = OverflowError  # the buffer has no room for this value


class Writer:
    # Writes to buf[n:end].
    def __init__(self, buf, n, end):
        self.buf = buf
        self.n = n
        self.end = end

    def put(self, code, data=b""):
        n = self.n + 1
        m = n + len(data)
        if m > self.end:
            raise Full
        self.buf[n - 1] = code
        self.buf[n:m] = data
        self.n = m

    def pack(self, v):
        # Raises Full, and then may have written a part: remember `n` and set it back.
        put = self.put
        if v is None:
            put(0xC0)
        elif isinstance(v, bool):
            put(0xC2 + v)
        elif isinstance(v, int):
            if -33 < v < 128:
                return put(v & 255)
            n = 0
            while v >> (8 << n) - 1 not in (0, -1):
                n += 1
            if n > 3:
                raise ValueError("more than 64 bits")
            put(0xD0 + n, pack(">" + "bhiq"[n], v))
        elif isinstance(v, float):
            put(0xCA, pack(">f", v))
        elif isinstance(v, (list, tuple, dict)):
            n = len(v)
            pairs = isinstance(v, dict)
            if n < 16:
                put((0x80 if pairs else 0x90) | n)
            else:
                put(0xDE if pairs else 0xDC, pack(">H", n))
            for n in v:
                self.pack(n)
                if pairs:
                    self.pack(v[n])
        else:
            code = 0xC4
            if isinstance(v, str):
                v = v.encode()
                code = 0xD9
            n = len(v)
            if n > 255:
                raise Full
            if n < 32 and code > 0xC4:
                put(0xA0 | n, v)
            else:
                put(code, bytes((n,)) + v)


class Reader:
    # Reads values from buf[at:end]. Raises ValueError at what is no msgpack, or goes beyond the end.
    def __init__(self, buf, at, end):
        self.buf = buf
        self.n = at
        self.end = end

    def read(self, form):
        # One value, as struct has it.
        n = self.n
        self.n += calcsize(form)
        if self.n > self.end:
            raise ValueError("cut short")
        return unpack_from(form, self.buf, n)[0]

    def value(self, depth=8):
        c = self.read(">B")
        if c < 0x80:
            return c
        if c > 0xDF:
            return c - 256
        if 0xC9 < c < 0xD4:
            return self.read(">" + "fdBHIQbhiq"[c - 0xCA])
        if c == 0xC0:
            return None
        if c & 0xFE == 0xC2:
            return c == 0xC3
        n = c & (31 if c > 0x9F else 15)
        if c > 0xBF:
            # A length of 1, 2 or 4 bytes follows: of bytes, a text, a list or a map.
            n = c - 0xC4 if c < 0xC7 else c - 0xD9 if c < 0xDC else 1 + (c & 1)
            if n < 0:
                raise ValueError("not for satellites: %x" % c)
            n = self.read((">B", ">H", ">I")[n])
        if c < 0xA0 or c > 0xDB:
            if not depth or n > self.end - self.n:
                raise ValueError("too much")
            depth -= 1
            if 0x8F < c < 0xDE:
                return [self.value(depth) for _ in range(n)]
            v = {}
            for _ in range(n):
                c = self.value(0)
                v[c] = self.value(depth)
            return v
        v = self.read("%ds" % n)
        return v if 0xC3 < c < 0xC7 else v.decode()

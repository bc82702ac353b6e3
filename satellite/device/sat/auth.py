# HMAC-SHA256, cut short. Source: wire/PROTOCOL.md, "Satellite link".
from hashlib import sha256


def hmac(key, *parts):
    # Of keys up to 64 bytes.
    inner = None
    for pad in (0x36, 0x5C):
        h = sha256(bytes(b ^ pad for b in key) + bytes((pad,)) * (64 - len(key)))
        for part in parts if inner is None else (inner,):
            h.update(part)
        inner = h.digest()
    return inner


def same(a, b):
    d = len(a) ^ len(b)
    for x, y in zip(a, b):
        d |= x ^ y
    return not d


class Signer:
    # Signs every frame of a session with `size` bytes.
    def __init__(self, key, size):
        self.key = key
        self.size = size

    def mac(self, way, number, data):
        return hmac(self.key, way, number.to_bytes(4, "big"), data)[: self.size]

    def sign(self, buf, n, number):
        # buf has n bytes of data from index 2 on. Returns how many it has then.
        end = n + 2 + self.size
        buf[n + 2 : end] = self.mac(b"u", number, memoryview(buf)[2 : n + 2])
        return end - 2

    def is_right(self, buf, a, b, number):
        # Whether what follows buf[a:b] is its signature.
        view = memoryview(buf)
        return number >= 0 and same(self.mac(b"d", number, view[a:b]), view[b : b + self.size])


def prove(link, nonce, mac):
    # What we answer to a welcome, and what signs the session's frames; nothing if the host does not have the key.
    name, uid = link.hello[:2]
    caps = link.hello[5]
    both = link.nonce + nonce
    if not same(mac, hmac(link.key, b"h", both, name.encode())[:8]):
        return None, None
    signer = Signer(hmac(link.key, b"k", both), 8 if caps & 4 else 4) if caps & 2 else None
    return hmac(link.key, b"s", both, uid)[:8], signer

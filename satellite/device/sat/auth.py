# Proof of a key, and signatures of frames: HMAC-SHA256, cut short. Source: wire/PROTOCOL.md, "Satellite link".
import hashlib


def hmac(key, *parts):
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    block = bytearray(64)
    block[: len(key)] = key
    for i in range(64):
        block[i] ^= 0x36
    h = hashlib.sha256(block)
    for part in parts:
        h.update(part)
    inner = h.digest()
    for i in range(64):
        block[i] ^= 0x6A  # 0x36 ^ 0x5c
    h = hashlib.sha256(block)
    h.update(inner)
    return h.digest()


def same(a, b):
    if len(a) != len(b):
        return False
    d = 0
    for i in range(len(a)):
        d |= a[i] ^ b[i]
    return d == 0


class Signer:
    def __init__(self, key, size):
        self.key = key
        self.size = size
        self.head = bytearray(5)

    def mac(self, way, counter, data):
        # `way` is b"u"[0] or b"d"[0]; `counter` is the frame's number in full.
        h = self.head
        h[0] = way
        for i in range(4, 0, -1):
            h[i] = counter & 255
            counter >>= 8
        return hmac(self.key, h, data)[: self.size]

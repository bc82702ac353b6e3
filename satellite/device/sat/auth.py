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

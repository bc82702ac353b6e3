# How a session begins, on the satellite's side. Dropped when it is up.
# Source: wire/PROTOCOL.md, "Satellite link".
from time import ticks_diff as diff


def time(link, now):
    # Says hello, or confirms. Returns ms until it is to be said again.
    if link.state:
        if diff(now, link.heard) > 10000:
            link.reset(now)
            return 1
        link.control(3, link.proof)
        return 250
    link.control(1, 1, *link.about, link.slots, link.list_hash, link.caps, link.nonce)
    wait = link.wait
    link.wait = min(wait * 3 // 2, 5000)
    return wait


def welcome(link, known, nonce, mac, now):
    # The host is there. Returns whether this begins a session.
    if link.state and nonce == link.host_nonce:
        return False  # of this very session, heard twice
    proof = nonce
    signer = None
    if link.key:
        from .auth import Signer, hmac, same

        both = link.nonce + nonce
        if not same(mac, hmac(link.key, b"h", both, link.about[0].encode())[:8]):
            return False  # not our host, or its other key
        proof = hmac(link.key, b"s", both, link.about[1])[:8]
        if link.caps & 2:
            signer = Signer(hmac(link.key, b"k", both), 8 if link.caps & 4 else 4)
    if link.state == 2:
        link.host.down()
    link.clear()
    link.proof = proof
    link.signer = signer
    link.host_nonce = nonce
    link.known = known == link.list_hash
    link.state = 1
    link.heard = link.due = now
    return True

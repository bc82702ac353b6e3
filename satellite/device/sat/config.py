# Configuration that the host pushes: [-5, hash, part, data] down, parts from 0, a last one without data; [-5, hash, ok, text]
# up. It is kept in `sat.cfg` (msgpack); one that the app does not take leaves the old one as it was.
import os
from hashlib import sha256

from .mpk import Reader


def load(path="sat.cfg"):
    # What is configured, or {}.
    try:
        with open(path, "rb") as f:
            data = f.read()
        return Reader(data, 0, len(data)).value()
    except (OSError, ValueError):
        return {}


class Config:
    # take: the app's function of the configuration; what it raises refuses it.
    def __init__(self, sat, take):
        self.sat = sat
        self.take = take
        self.next = 0

    def serve(self, m):
        hash, part = m[1], m[2]
        data = m[3] if len(m) > 3 else None
        try:
            if part == 0:
                self.file = open("sat.cfg.new", "wb")
                self.next = 0
            if part != self.next:
                raise ValueError("part %d, expected %d" % (part, self.next))
            self.next += 1
            if data is not None:
                self.file.write(data)
                return
            self.file.close()
            self.end(hash)
            self.say(hash, True)
        except Exception as e:
            self.say(hash, False, "%s: %s" % (type(e).__name__, e))

    def end(self, hash):
        with open("sat.cfg.new", "rb") as f:
            data = f.read()
        if sha256(data).digest()[:8] != hash:
            raise ValueError("damaged")
        new = Reader(data, 0, len(data)).value()
        old = load()
        try:
            self.take(new)
        except Exception:
            self.take(old)
            raise
        os.rename("sat.cfg.new", "sat.cfg")

    def say(self, *values):
        self.sat.tell(-5, *values)

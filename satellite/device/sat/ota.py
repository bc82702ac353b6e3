# New files of the app, over the link: all or nothing, on trial, and back if the trial fails. Loaded when the first such
# message comes.
#
#   begin(hash) · offer(name, size, sum)… ─▶ which differ · open · chunk… · shut ─▶ right? · commit ─▶ reset
#
# NAME.new comes, then the journal `ota.txn`; the rest is done by the next boot (safe.py), so a loss of power leaves the old
# files or the new ones. Source: wire/PROTOCOL.md, "Satellite link".
import gc
import os
from hashlib import sha256

from . import safe


class Ota:
    file = None
    hash = b""

    def __init__(self, sat):
        self.sat = sat
        self.names = []

    def serve(self, m):
        op = m[1]
        try:
            if op == 1:
                self.stop()
                self.hash = m[2]
            elif op == 2:
                self.say(2, m[2], not is_file(path_of(m[2]), m[3], m[4]))
            elif op == 4:
                self.open(m[2])
            elif op == 5:
                self.chunk(m[2], m[3])
            elif op == 6:
                self.shut(m[2])
            elif op == 7:
                self.commit(m[2])
            elif op == 8:
                self.stop()
        except (OSError, ValueError, MemoryError) as e:
            self.stop()
            self.say(op, None, "%s: %s" % (type(e).__name__, e))

    def say(self, *values):
        self.sat.tell(-8, *values)

    def open(self, name):
        path = path_of(name)
        gc.collect()
        at = path.find("/")
        while at > 0:
            try:
                os.mkdir(path[:at])
            except OSError:
                pass
            at = path.find("/", at + 1)
        self.file = open(path + ".new", "wb")
        self.name = name
        self.at = 0

    def chunk(self, offset, data):
        if not self.file:
            return
        if offset != self.at:
            raise ValueError("chunk at %d, expected %d" % (offset, self.at))
        # Some chips hear nothing while they write their flash.
        link = self.sat.link
        link.busy = True
        link.ack()
        self.file.write(data)
        self.at += len(data)
        link.busy = False
        link.ack()

    def shut(self, sum):
        if not self.file:
            return
        self.file.close()
        self.file = None
        right = is_file(path_of(self.name) + ".new", self.at, sum)
        if right:
            self.names.append(path_of(self.name))
        self.say(6, self.name, right)

    def commit(self, hash):
        if hash != self.hash or not self.names:
            raise ValueError("nothing to commit")
        text = "".join(n + "\n" if safe.there(n) else "+%s\n" % n for n in self.names)
        from binascii import hexlify

        safe.write("ota.txn", "new %s\n%s" % (hexlify(hash).decode(), text))
        self.say(7, True)
        self.sat.reset_soon = True

    def stop(self):
        if self.file:
            self.file.close()
            self.file = None
        self.names = []


def path_of(name):
    # Never main.py, boot.py, the rescue copy, the key, the update's own files.
    first = name.split("/")[0]
    if not name or name[0] == "/" or ".." in name or first in ("rescue", "main.py", "boot.py", "board.py", "sat.key", "ota.txn", "boot.n"):
        raise ValueError("not to be changed: " + name)
    return name


def is_file(path, size, sum):
    try:
        if os.stat(path)[6] != size:
            return False
        h = sha256(b"")
        with open(path, "rb") as f:
            b = f.read(128)
            while b:
                h.update(b)
                b = f.read(128)
        return h.digest()[:8] == sum
    except OSError:
        return False

# New files of the app, over the link: all or nothing, on trial, and back if the trial fails.
#
#   begin(hash) · file(name, size, sum)… ─▶ which differ · open · chunk… · shut ─▶ right? · commit ─▶ soft reset
#
# On the file system: NAME.new while it comes, then the journal `ota.txn` (one line per file), then NAME ─▶ NAME.bak and
# NAME.new ─▶ NAME. main.py plays the journal on at every boot, so a power cut leaves the old files or the new ones.
# Source: wire/PROTOCOL.md, "Satellite link".
import gc
import hashlib
import os

from .safe import TXN, write_file


class Ota:
    # sat: the satellite. reset: what starts it anew.
    def __init__(self, sat, reset, root=""):
        self.sat = sat
        self.reset = reset
        self.root = root
        self.hash = None
        self.names = []
        self.name = None
        self.file = None
        sat.extra[-8] = self.message

    def answer(self, *values):
        self.sat.answers.append((-8,) + values)
        self.sat.news.set()

    def message(self, m):
        op = m[1]
        try:
            if op == 1:
                self._abort()
                self.hash = m[2]
            elif op == 2:
                self._offer(m[2], m[3], m[4])
            elif op == 4:
                self._open(m[2])
            elif op == 5:
                self._chunk(m[2], m[3])
            elif op == 6:
                self._shut(m[2])
            elif op == 7:
                self._commit(m[2])
            elif op == 8:
                self._abort()
        except (OSError, ValueError, MemoryError) as e:
            self._abort()
            self.answer(op, False, "%s: %s" % (type(e).__name__, e))

    def _path(self, name):
        if not name or name[0] in "/." or ".." in name or name.split("/")[0] in ("rescue", "main.py", "boot.py"):
            raise ValueError("not to be changed: " + name)
        return self.root + name

    def _offer(self, name, size, sum):
        # Which files differ; the host sends those.
        path = self._path(name)
        self.answer(2, name, not _is(path, size, sum))

    def _open(self, name):
        path = self._path(name)
        gc.collect()
        self._make(path)
        self.file = open(path + ".new", "wb")
        self.name = name
        self.at = 0

    def _make(self, path):
        at = path.find("/", 1)
        while at > 0:
            try:
                os.mkdir(path[:at])
            except OSError:
                pass
            at = path.find("/", at + 1)

    def _chunk(self, offset, data):
        if self.file is None:
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

    def _shut(self, sum):
        if self.file is None:
            return
        self.file.close()
        self.file = None
        name = self.name
        right = _is(self._path(name) + ".new", self.at, sum)
        if right:
            self.names.append(name)
        self.answer(6, name, right)

    def _commit(self, hash):
        if hash != self.hash or not self.names:
            raise ValueError("nothing to commit")
        write_file(self.root + TXN, "new %s\n%s\n" % (hash.hex(), "\n".join(self.names)))
        self.answer(7, True)
        self.reset()

    def _abort(self):
        if self.file:
            self.file.close()
            self.file = None
        self.names = []


def _is(path, size, sum):
    try:
        if os.stat(path)[6] != size:
            return False
        h = hashlib.sha256()
        with open(path, "rb") as f:
            while True:
                b = f.read(128)
                if not b:
                    break
                h.update(b)
        return h.digest()[:8] == sum
    except OSError:
        return False

# A satellite: its slots, what is told of them and when, and what the host wants.
#
#   s = Sat("garden", uart(1, tx=4, rx=5))
#   s.sensor("soil.moist", adc.read, unit="%", every=5000, db=1)
#   s.run()
import gc
import time
from time import ticks_add, ticks_diff, ticks_ms

from .frame import Frames
from .link import FILES, RING, SAFE, Link
from .mpk import Full
from .slot import DO, POLL, READ, SET, Slot

try:
    import asyncio
except ImportError:
    import uasyncio as asyncio


class Sat:
    # name: how it is called in the tree. line: what uart(), tcp() or cdc() gave.
    # key, sign: see auth. ring: bytes for samples while the host is away.
    def __init__(self, name, line, key=None, sign=False, long=False, ring=0, uid=None, boot=None, safe=False):
        self.line = line
        self.slots = []
        self.tasks = []
        self.frames = Frames()
        self.jobs = []  # commands that are under way: (slot, value, id)
        self.results = []  # (id, result, code, text)
        self.told = 0  # slots announced in this session
        self.ring = None
        if ring:
            from .ring import Ring

            self.ring = Ring(ring)
        self.epoch = None  # (epoch in s, at ticks)
        self.seconds = 0  # since boot
        self.base = ticks_ms()
        self.lines = []  # log lines that wait
        self.config = None  # the app's function of a new configuration
        self.extra = {}  # code -> function(reader): file transfer, system
        self.away = ticks_ms()
        self.is_up = False
        self.coalesced = 0
        self.fed = [0, 0]
        caps = (RING if ring else 0) | FILES | (SAFE if safe else 0)
        self.link = Link(
            self, line.write, name, _uid() if uid is None else uid, self._random(3) if boot is None else boot,
            line.baud, key, sign, long, caps)
        self.news = asyncio.Event()

    # --- declaring

    def _slot(self, slot, min=0, max=0, db=0, log=0):
        slot.policy = [min, max, db, 1 if log else 0]
        slot.log = log * 1000
        self.slots.append(slot)
        return slot

    def sensor(self, path, get, every=1000, db=0, min=0, max=0, log=0, kind=None, unit=None, lo=None, hi=None, step=None):
        # get: a function, plain or async, asked every `every` ms.
        slot = Slot(path, READ | POLL, kind, unit, lo, hi, step, get=get)
        slot.every = every
        return self._slot(slot, min, max, db, log)

    def value(self, path, db=0, min=0, max=0, log=0, kind=None, unit=None, lo=None, hi=None, step=None):
        # The app calls .set() of what this returns.
        return self._slot(Slot(path, READ, kind, unit, lo, hi, step), min, max, db, log)

    def actor(self, path, put, restore="host", gone=None, gone_after=0, start=None, kind=None, unit=None, lo=None, hi=None, step=None):
        # put: a function of the wanted value, plain or async; what it returns, unless None, is the actual value.
        # gone: what it takes by itself when the host has been silent for gone_after seconds.
        slot = Slot(path, READ | SET, kind, unit, lo, hi, step, put=put)
        slot.restore = restore
        slot.gone = gone
        slot.gone_ms = gone_after * 1000
        slot.value = start
        if start is not None:
            slot.dirty = True
        return self._slot(slot)

    def button(self, path, put, ttl=2, kind=None):
        # A momentary command; it expires after ttl seconds.
        slot = Slot(path, DO, kind, put=lambda _: put())
        slot.ttl = ttl
        return self._slot(slot)

    def task(self, f):
        # An async function of the app that is started with the rest, and again if it fails.
        self.tasks.append(f)

    def log(self, text, severity=6):
        # severity: 0 (worst) .. 7, as syslog has it.
        if len(self.lines) < 4:
            self.lines.append((severity, text))
        else:
            self.coalesced += 1
        self.news.set()

    # --- running

    def run(self):
        asyncio.run(self.main())

    async def main(self):
        l = self.link
        l.slots = len(self.slots)
        l.list_hash = self._hash()
        gc.collect()
        work = [self._reader, self._timer, self._poller]
        work += self.tasks
        await asyncio.gather(*[self._forever(f) for f in work])

    async def _forever(self, f):
        wait = 100
        while True:
            try:
                await f()
                return
            except Exception as e:
                self.log("%s: %s" % (getattr(f, "__name__", "task"), _text(e)), 3)
                await asyncio.sleep_ms(wait)
                wait = min(wait * 2, 10000)

    def _hash(self):
        import hashlib

        h = hashlib.sha256()
        for s in self.slots:
            h.update(("%s %d %s %d\n" % (s.path, s.access, s.about, s.ttl)).encode())
        return h.digest()[:8]

    async def _reader(self):
        # Bytes from the line to frames to the link.
        frames = self.frames
        line = self.line
        last = ticks_ms()
        while True:
            buf, at = frames.room()
            n = await line.read(buf, at)
            now = ticks_ms()
            if ticks_diff(now, last) > 100 and at:
                # The line was silent: what was under way before these bytes is damaged.
                frames.n, behind = at, bytes(buf[at : at + n])
                while frames.gap():
                    self._take(now)
                frames.feed(behind, n)
            else:
                frames.n = at + n
            last = now
            self.fed[0] = now
            self._take(now)
            self.news.set()

    def _take(self, now):
        frames = self.frames
        bad = frames.bad
        while True:
            at = frames.next()
            if at is None:
                break
            self.link.frame(frames.buf, at[0], at[1], now)
        if frames.bad != bad:
            self.link.damaged(now)

    async def _timer(self):
        # What is due: repetitions, acks, pings, new frames.
        while True:
            now = ticks_ms()
            wait = self.link.time(now)
            self.fed[1] = now
            if self.link.can_send():
                if self._send(now):
                    continue
                wait = min(wait, self._soon(now))
            self._fail_safe(now)
            self.news.clear()
            try:
                await asyncio.wait_for_ms(self.news.wait(), wait)
            except asyncio.TimeoutError:
                pass

    async def _poller(self):
        while True:
            now = ticks_ms()
            wait = 1000
            for i, s in enumerate(self.slots):
                if s.get and s.every:
                    d = ticks_diff(s.due, now) if s.due else 0
                    if d <= 0:
                        s.due = ticks_add(now, s.every) or 1
                        await self._ask(s)
                        d = s.every
                    wait = min(wait, d)
                self._keep(i, s, now)
            if self._second(now):
                wait = min(wait, 1000)
            await asyncio.sleep_ms(max(1, wait))

    async def _ask(self, s):
        try:
            v = s.get()
            if hasattr(v, "send"):
                v = await v
            s.set(v)
        except Exception as e:
            s.fail(_text(e))
        if s.dirty:
            self.news.set()

    def _second(self, now):
        # Keeps a count of seconds that survives the wrap of the ticks.
        n = ticks_diff(now, self.base) // 1000
        if n > 0:
            self.seconds += n
            self.base = ticks_add(self.base, n * 1000)
        return True

    def _keep(self, i, s, now):
        # A sample for later, while the host is away.
        if not self.ring or not s.log or self.is_up or s.value is None or s.error:
            return
        if s.logged is None or ticks_diff(now, s.logged) >= s.log:
            s.logged = now
            self.ring.add(i, self.seconds, s.value)

    def _fail_safe(self, now):
        if self.is_up:
            return
        for s in self.slots:
            if s.gone_ms and not s.ttl and ticks_diff(now, self.away) >= s.gone_ms and s.value != s.gone:
                self._start(s, s.gone, 0)

    # --- telling

    def _soon(self, now):
        # ms until a slot that waits for its min interval may be told, or its max interval is over.
        wait = 1000
        for s in self.slots:
            least, most = s.policy[0], s.policy[1]
            if s.told is None:
                continue
            gone = ticks_diff(now, s.told)
            if s.dirty and least > gone:
                wait = min(wait, least - gone)
            if most:
                wait = min(wait, max(1, most - gone))
        return wait

    def _send(self, now):
        # One frame of what there is to tell, the most urgent first. Returns whether there was anything.
        w = self.link.begin()
        start = w.n
        done = []
        try:
            self._fill(w, now, done)
        except Full:
            pass
        for f in done:
            f()
        if w.n > start:
            self.link.commit(w, now)
        return bool(done)

    def _whole(self, w, done, then, *values):
        # One message, whole or not at all.
        n = w.n
        try:
            w.array(len(values))
            for v in values:
                w.pack(v)
        except Full:
            w.n = n
            if n > 3:
                raise
            # It alone is too long for a frame.
            self.lines.append((3, "too long: %s" % (values[0],)))
        done.append(then)

    def _fill(self, w, now, done):
        if self.results:
            r = self.results[0]
            self._whole(w, done, lambda: self.results.pop(0), *r)
            return
        if self.told < len(self.slots):
            i = self.told
            self._whole(w, done, self._announced, -2, i, *self._about(self.slots[i]))
            return
        for i, s in enumerate(self.slots):
            if self._is_due(s, now):
                if s.error:
                    self._whole(w, done, lambda s=s: self._said(s, now), i, None, s.error)
                else:
                    self._whole(w, done, lambda s=s, v=s.value: self._said(s, now, v), i, s.value)
        if w.n > 3:
            return
        if self.lines:
            self._whole(w, done, lambda: self.lines.pop(0), -6, self.lines[0][0], self.lines[0][1][:100])
        elif self.ring and (self.ring.lost or self.ring.count):
            self._late(w, done)

    def _about(self, s):
        about = [s.path] + list(s.about) + [s.access, s.policy]
        return about

    def _announced(self):
        self.told += 1

    def _is_due(self, s, now):
        if not s.access & READ or s.value is None and s.error is None:
            return False
        if s.told is None:
            return True
        gone = ticks_diff(now, s.told)
        if s.dirty:
            return gone >= s.policy[0]
        return s.policy[1] and gone >= s.policy[1]

    def _said(self, s, now, value=None):
        s.dirty = False
        s.told = now
        s.said = value
        if s.error is None and s.value is not value and s.value != value:
            s.set(s.value)

    def _late(self, w, done):
        ring = self.ring
        if ring.lost:
            lost = ring.lost
            slot = ring.peek()

            def told():
                ring.lost -= lost

            self._whole(w, done, told, -7, lost, slot[0] if slot else None)
            return
        # Records go as they are sent: what is on its way is the link's to keep.
        while ring.count:
            slot, seconds, value = ring.peek()
            age = (self.seconds - seconds) * 1000
            n = w.n
            try:
                self._whole(w, done, _nothing, slot, value, age if age < 65536 else -(self.seconds - seconds))
            except Full:
                w.n = n
                return
            ring.pop()

    # --- what the link tells

    def urandom(self, n):
        return self._random_bytes(n)

    def _random_bytes(self, n):
        try:
            import os

            return os.urandom(n)
        except (ImportError, AttributeError):
            import random

            return bytes(random.getrandbits(8) for _ in range(n))

    def _random(self, n):
        v = 0
        for b in self._random_bytes(n):
            v = v << 8 | b
        return v

    def up(self, known):
        self.is_up = True
        self.told = len(self.slots) if known else 0
        for s in self.slots:
            s.told = s.said = s.logged = None
        self.results = []
        self.news.set()

    def down(self):
        self.is_up = False
        self.away = ticks_ms()

    def clock(self, epoch_ms):
        self.epoch = (epoch_ms // 1000, ticks_ms())
        set_clock(epoch_ms // 1000)

    def take(self, r):
        # Messages from the host. False: no room for another command now.
        if len(self.jobs) >= 4:
            return False
        while r.more():
            m = r.value()
            try:
                self._message(m)
            except Exception as e:
                self.log("message %s: %s" % (m[:1], _text(e)), 4)
        return True

    def _message(self, m):
        c = m[0]
        if c >= 0:
            self._command(c, m[1], m[2] if len(m) > 2 else 0)
        elif c == -1:
            pass  # the answer to a ping; the time in it is for extensions
        elif c == -4:
            s = self.slots[m[1]]
            s.policy = [m[2] or 0, m[3] or 0, m[4] or 0, m[5] if len(m) > 5 and m[5] else 0]
        elif c in self.extra:
            self.extra[c](m)

    def _command(self, i, value, id):
        if i >= len(self.slots):
            self.results.append((-3, id, None, 1, "no such slot"))
            return
        s = self.slots[i]
        if value is None and not s.access & DO:
            s.told = None  # asked for: told at once
            if s.get:
                s.due = 0
            if id:
                self.results.append((-3, id, True))
        elif s.put:
            self._start(s, value, id)
        else:
            self.results.append((-3, id, None, 2, "not settable"))
        self.news.set()

    def _start(self, s, value, id):
        self.jobs.append(id)
        asyncio.create_task(self._do(s, value, id))

    async def _do(self, s, value, id):
        try:
            v = s.put(value)
            if hasattr(v, "send"):
                v = await v
            if not s.access & DO:
                s.set(value if v is None else v)
                s.dirty = True
            if id:
                self.results.append((-3, id, True if v is None else v))
        except Exception as e:
            if id:
                self.results.append((-3, id, None, 3, _text(e)))
            else:
                s.fail(_text(e))
        self.jobs.remove(id)
        self.link.resume()
        self.news.set()

    def now(self):
        # Seconds since 1970, or None before the host has told.
        if self.epoch:
            return self.epoch[0] + ticks_diff(ticks_ms(), self.epoch[1]) // 1000


def _nothing():
    pass


def _text(e):
    return "%s: %s" % (type(e).__name__, e) if str(e) else type(e).__name__


def _uid():
    try:
        from machine import unique_id

        return unique_id()
    except ImportError:
        return b"none"


def set_clock(seconds):
    # Sets the chip's clock, if it has one that is wrong by more than a second.
    base = 0 if time.gmtime(0)[0] == 1970 else 946684800
    if abs(time.time() + base - seconds) <= 1:
        return
    try:
        from machine import RTC

        t = time.gmtime(seconds - base)
        RTC().datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0))
    except (ImportError, AttributeError):
        pass

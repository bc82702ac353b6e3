# A satellite: its slots, what is told of them and when, and what the host wants.
#
#   s = Sat("garden", uart(1, tx=4, rx=5))
#   s.sensor("soil.moist", adc.read, unit="%", every=5000, db=1)
#   s.run()
from time import ticks_add, ticks_ms
from time import ticks_diff as diff

from .frame import Frames
from .link import Link
from .mpk import Full
from .once import once
from .slot import why

try:
    import asyncio
except ImportError:
    import uasyncio as asyncio


class Sat:
    ring = None
    is_up = False
    told = 0  # slots announced in this session
    open = 0  # commands under way
    seconds = 0  # since boot
    dropped = 0  # log lines
    well = reset_soon = False
    first = None
    asleep = None  # the task that sleeps until there is something to do
    update = (-8, 9, "none", b"")  # what the host is told of an update that is under way

    def __init__(self, *args, **more):
        # The arguments, and what may be called before run() (sensor(), value(), actor(), …), are in declare.py.
        self.link = Link()
        self.frames = Frames()
        self.first = once("declare")
        self.first.init(self, *args, **more)

    def __getattr__(self, name):
        f = getattr(self.first, name)
        return lambda *args, **more: f(self, *args, **more)

    def log(self, text, severity=6):
        # severity: 0 (worst) .. 7, as syslog has it.
        if len(self.answers) > 7:
            self.dropped += 1
        else:
            self.tell(-6, severity, text[:100])

    def tell(self, *message):
        # A message to the host, with the link's code in front.
        self.answers.append(message)
        self.wake()

    def wake(self):
        # There is something to tell: _timer need not sleep any longer.
        task = self.asleep
        self.asleep = None
        if task:
            task.cancel()

    # --- running

    def run(self):
        if hasattr(asyncio, "run"):
            asyncio.run(self.main())
        else:
            self.running = asyncio.create_task(self.main())  # in a browser, whose own loop runs tasks

    async def main(self):
        self.first.start(self)
        self.first = None
        self.link.begins().init(self.link, self, *self.about)
        for f in self.tasks[1:]:
            asyncio.create_task(self._forever(f))
        await self._forever(self.tasks[0])

    async def _forever(self, f):
        # A task that fails is told of, and starts again.
        wait = 100
        while True:
            try:
                await f()
                return
            except Exception as e:
                self.log(why(e), 3)
                await asyncio.sleep_ms(wait)
                wait = min(wait * 2, 10000)

    async def _reader(self):
        frames = self.frames
        link = self.link
        last = ticks_ms()
        while True:
            n = frames.room()
            n += await self.line.read(frames.buf, n)
            now = ticks_ms()
            bad = frames.bad
            late = diff(now, last) > 100  # what was begun then does not go on now
            last = now
            while True:
                at = frames.next(late)
                if at:
                    link.frame(frames.buf, at[0], at[1], now)
                elif frames.n == n:
                    break
                else:
                    frames.n = n
                    late = False
            if frames.bad > bad:
                link.damaged(now)
            self.wake()

    async def _timer(self):
        # What is due: repetitions, acks, pings, reports.
        while True:
            now = ticks_ms()
            wait = self.link.time(now)
            if self.link.can_send():
                d = self._send(now)
                if not d:
                    continue
                wait = min(wait, d)
            self.asleep = asyncio.current_task()
            try:
                await asyncio.sleep_ms(wait)
            except asyncio.CancelledError:
                if self.asleep:
                    raise  # somebody else's
            self.asleep = None

    async def _poller(self):
        while True:
            now = ticks_ms()
            wait = 1000
            n = diff(now, self.base) // 1000
            if n and self.is_up and not self.well and diff(now, self.since) >= 30000:
                # Half a minute with the host: this boot went well, and so did an update that is on trial.
                self.well = True
                once("safe").be_well(self)
            self.seconds += n
            self.base = ticks_add(self.base, n * 1000)
            for i, s in enumerate(self.slots):
                if s.every:
                    if not s.due or diff(s.due, now) <= 0:
                        s.due = ticks_add(now, s.every) | 1
                        try:
                            v = s.get()
                            s.set((await v) if hasattr(v, "send") else v)
                        except Exception as e:
                            s.fail(e)
                    wait = min(wait, max(1, diff(s.due, ticks_ms())))
                if self.is_up:
                    continue
                if self.ring and s.log and s.value is not None and not s.error:
                    if s.logged is None or diff(now, s.logged) >= s.log:
                        s.logged = now
                        self.ring.add(i, self.seconds, s.value)
                if s.gone_ms and s.value != s.gone and diff(now, self.away) >= s.gone_ms:
                    self._do(s, s.gone, 0)
            await asyncio.sleep_ms(wait)

    # --- telling

    def _send(self, now):
        # Sends one frame of what there is to tell. Returns ms until there will be something; 0: now.
        w = self.link.begin()
        message = None
        if self.answers:
            message = self.answers.pop(0)
        elif self.reset_soon:
            if not self.link.out:
                once("safe").reset()
            return 50
        elif self.told < len(self.slots):
            s = self.slots[self.told]
            message = (-2, self.told, s.path) + (s.about + (None,) * 5)[:5] + (s.access, s.policy if any(s.policy) else None)
            self.told += 1
        else:
            wait = self._reports(w, now)
            if w.n == 3 and self.ring and (self.ring.count or self.ring.lost):
                self.ring.tell(w, self.seconds)
            if w.n == 3:
                return wait
        if message:
            try:
                w.pack(message)
            except Full:  # one that no frame holds is dropped
                self.dropped += 1
                return 0
        self.link.commit(now)
        return 0

    def _reports(self, w, now):
        wait = 1000
        for i, s in enumerate(self.slots):
            if not s.access & 1 or s.value is None and not s.error:
                continue
            left = 0
            if s.told is not None:
                gone = diff(now, s.told)
                if s.dirty:
                    left = s.policy[0] - gone
                elif s.policy[1]:
                    left = s.policy[1] - gone
                else:
                    continue
            if left > 0:
                wait = min(wait, left)
                continue
            n = w.n
            try:
                w.pack((i, None, s.error[:60]) if s.error else (i, s.value))
            except Full:
                w.n = n
                if n > 3:
                    break
                s.fail("too long for a report")
                break
            s.said = s.value
            s.dirty = False
            s.told = now
        return wait

    def take(self, r):
        # Messages from the host. False: no room for more commands now.
        if self.open > 3:
            return False
        while r.n < r.end:
            m = r.value()
            try:
                c = m[0]
                if c >= 0:
                    s = self.slots[c]
                    id = m[2] if len(m) > 2 else 0
                    if s.put and (m[1] is not None or s.access & 8):
                        self._do(s, m[1], id)
                    elif m[1] is None and s.access & 1:
                        s.told = None  # asked for: told at once
                        s.due = 0
                    elif id:
                        self.tell(-3, id, None, 2, "not settable")
                elif c == -4:
                    self.slots[m[1]].policy = tuple(m[2:6])
                else:
                    self._other(c, m)
            except Exception as e:
                self.log("%s: %s" % (m[:2], why(e)), 4)
        return True

    def _other(self, c, m):
        # What is rarely said has modules of its own, which are loaded then.
        if c == -9:
            return once("ops").serve(self, m)
        if c == -8 and c not in self.extra:
            self.extra[c] = once("ota").Ota(self).serve
        if c in self.extra:
            self.extra[c](m)

    def _do(self, s, value, id):
        self.open += 1
        asyncio.create_task(self._done(s, value, id))

    async def _done(self, s, value, id):
        try:
            v = s.put() if s.access & 8 else s.put(value)
            if hasattr(v, "send"):
                v = await v
            if not s.access & 8:
                s.set(value if v is None else v)
                s.dirty = True
            if id:
                self.tell(-3, id, True if v is None else v)
        except Exception as e:
            if id:
                self.tell(-3, id, None, 3, why(e))
            else:
                s.fail(e)
        self.open -= 1
        self.wake()

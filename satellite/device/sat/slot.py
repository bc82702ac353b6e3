# What a satellite measures or moves. Slots are numbered in the order they are declared.

READ, SET, POLL, DO = 1, 2, 4, 8
LOG, EDGE = 1, 2  # flags of a policy


class Slot:
    # path: below the satellite. policy: [min ms, max ms, deadband, flags].
    def __init__(self, path, access, kind=None, unit=None, lo=None, hi=None, step=None, get=None, put=None):
        self.path = path
        self.access = access
        self.about = (kind, unit, lo, hi, step)
        self.get = get
        self.put = put
        self.policy = [0, 0, 0, 0]
        self.value = None
        self.error = None
        self.dirty = False
        self.told = None  # when it was reported last
        self.said = None  # what was reported
        self.every = 0
        self.due = 0
        self.log = 0
        self.logged = None
        self.gone = None
        self.gone_ms = 0
        self.restore = "host"
        self.ttl = 0

    def set(self, value):
        # The app has a new value.
        self.error = None
        self.value = value
        if not self.dirty and self._moved(value):
            self.dirty = True

    def fail(self, text):
        # Reading it failed: told once, and again when the text changes.
        if text != self.error:
            self.error = text
            self.dirty = True

    def _moved(self, value):
        said = self.said
        if said is None or value is None or isinstance(value, bool) or isinstance(said, bool):
            return value is not said and value != said
        band = self.policy[2]
        if not band or not isinstance(value, (int, float)) or not isinstance(said, (int, float)):
            return value != said
        return abs(value - said) >= (band if band > 0 else -band * abs(said))

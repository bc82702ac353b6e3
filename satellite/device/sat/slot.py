# What a satellite measures or moves. Slots are numbered in the order they are declared.


def why(e):
    return "%s: %s" % (type(e).__name__, e)


class Slot:
    # access: 1 reported, 2 settable, 4 on demand, 8 momentary.
    # about: kind, unit, lo, hi, step, without what is None at the end. policy: min ms, max ms, deadband, flags.
    get = put = None
    policy = (0, 0, 0, 0)
    value = said = error = None  # what it is, what was reported last, why it could not be read
    dirty = False
    told = None  # when it was reported
    every = due = log = 0
    logged = None
    gone = None
    gone_ms = 0
    wake = None  # what is called when there is something to tell

    def __init__(self, path, access, about):
        self.path = path
        self.access = access
        self.about = about

    def set(self, value):
        # The app has a new value.
        self.error = None
        self.value = value
        said = self.said
        band = self.policy[2]
        if band and isinstance(value, (int, float)) and isinstance(said, (int, float)):
            self.dirty |= abs(value - said) >= (band if band > 0 else -band * abs(said))
        elif value != said or type(value) != type(said):
            self.dirty = True
        if self.dirty:
            self.wake()

    def fail(self, e):
        # Reading it failed: told once, and again when the text changes.
        text = e if isinstance(e, str) else why(e)
        self.dirty |= text != self.error
        self.error = text
        self.wake()

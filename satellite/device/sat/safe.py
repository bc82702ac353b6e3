# What happens before the app: an update is carried on or taken back, boots are counted, and after three unhealthy ones only
# the rescue copy runs. main.py calls start(); the app's health is told by healthy().
#
# Files: boot.n (unhealthy boots), ota.txn (journal), trace.txt (why the app ended last).
import os

TXN = "ota.txn"
_BOOTS = "boot.n"
_TRACE = "trace.txt"
LIMIT = 3


def write_file(path, text):
    # Whole or not at all.
    with open(path + ".tmp", "w") as f:
        f.write(text)
    os.rename(path + ".tmp", path)


def read_file(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def _exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        pass


def journal(root=""):
    # Carries an update on that a power cut interrupted. Returns the state of the update: "", "trial", "back" and its hash.
    lines = read_file(root + TXN).split("\n")
    if not lines[0]:
        return "", ""
    state, hash = lines[0].split(" ")
    names = [root + n for n in lines[1:] if n]
    if state == "new":
        for n in names:
            if _exists(n + ".new"):
                if _exists(n):
                    _remove(n + ".bak")
                    os.rename(n, n + ".bak")
                os.rename(n + ".new", n)
        _state(root, "trial", hash, lines)
        return "trial", hash
    if state == "trial":
        # The boot before this one was the trial, and nobody called healthy().
        _state(root, "undo", hash, lines)
        state = "undo"
    if state == "undo":
        for n in names:
            if _exists(n + ".bak"):
                _remove(n)
                os.rename(n + ".bak", n)
        _state(root, "back", hash, lines)
    return "back", hash


def _state(root, state, hash, lines):
    write_file(root + TXN, "%s %s\n%s" % (state, hash, "\n".join(lines[1:])))


def settled(root=""):
    # The trial went well, or the host knows that it did not: the old files go.
    for n in read_file(root + TXN).split("\n")[1:]:
        if n:
            _remove(root + n + ".bak")
            _remove(root + n + ".new")
    _remove(root + TXN)


def boots(root=""):
    # Counts this boot. Returns whether only the rescue copy should run.
    try:
        n = int(read_file(root + _BOOTS) or "0")
    except ValueError:
        n = LIMIT
    write_file(root + _BOOTS, str(min(n + 1, 99)))
    return n >= LIMIT


def healthy(root=""):
    _remove(root + _BOOTS)


def force(root=""):
    # The next boot is a safe one.
    write_file(root + _BOOTS, str(LIMIT))


def keep_trace(e, root=""):
    import io
    import sys

    text = io.StringIO()
    sys.print_exception(e, text)
    try:
        write_file(root + _TRACE, text.getvalue()[-500:])
    except OSError:
        pass


def trace(root=""):
    return read_file(root + _TRACE)

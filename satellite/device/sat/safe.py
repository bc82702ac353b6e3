# What happens before the app: an update is carried on or taken back, and boots are counted.
#
# Files: boot.n (boots since one went well), ota.txn (journal: state, hash, names), trace.txt (why the app ended).
# The journal's states: new ─▶ trial ─▶ gone, or trial ─▶ back if the boot after the first was not told well().
import os

LIMIT = 3  # boots that may go wrong


def write(path, text):
    # Whole or not at all.
    with open(path + ".tmp", "w") as f:
        f.write(text)
    os.rename(path + ".tmp", path)


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass


def state():
    # The state of an update and its hash: ("", "") if there is none.
    words = read("ota.txn").split("\n")[0].split(" ")
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def names():
    # Of the files; "+NAME" is one that was not there before.
    return [n for n in read("ota.txn").split("\n")[1:] if n]


def _become(word, hash, files):
    write("ota.txn", "%s %s\n%s\n" % (word, hash, "\n".join(files)))


def journal():
    # Every step may be cut short by a loss of power, and is done again at the next boot.
    word, hash = state()
    files = names()
    if word == "new":
        for n in files:
            is_new = n[0] == "+"
            n = n.lstrip("+")
            if there(n + ".new"):
                if not is_new and not there(n + ".bak"):
                    os.rename(n, n + ".bak")
                remove(n)
                os.rename(n + ".new", n)
        _become("trial", hash, files)
    elif word == "trial":
        _become("undo", hash, files)
        word = "undo"
    if word == "undo":
        for n in files:
            if n[0] == "+":
                remove(n[1:])
            elif there(n + ".bak"):
                remove(n)
                os.rename(n + ".bak", n)
        _become("back", hash, files)


def well():
    # The app runs, and the host was there for a while: it has heard how the update went.
    remove("boot.n")
    word, hash = state()
    if word == "trial" or word == "back":
        # The journal goes first: without it nothing is taken back any more.
        files = names()
        remove("ota.txn")
        for n in files:
            n = n.lstrip("+")
            remove(n + ".bak")
            remove(n + ".new")


def be_well(sat):
    # As well(), and the host is told.
    well()
    _, _, word, hash = sat.update
    if word == "trial":
        sat.tell(-8, 9, "ok", hash)
    sat.update = (-8, 9, "none", b"")


def boots():
    # Counts this boot. Returns whether too many went wrong.
    try:
        n = int(read("boot.n") or 0)
    except ValueError:
        n = LIMIT
    write("boot.n", str(min(n + 1, 99)))
    return n >= LIMIT


def force():
    # The next boot is one of the rescue copy.
    write("boot.n", str(LIMIT))


def keep_trace(e):
    import io
    import sys

    text = io.StringIO()
    sys.print_exception(e, text)
    write("trace.txt", text.getvalue()[-500:])


def runs_on():
    # Whether the app goes on although its file has ended: in a browser.
    import asyncio

    return not hasattr(asyncio, "run")


def reset():
    from machine import soft_reset

    soft_reset()

# What a board runs after boot.py. Neither this file nor /rescue is ever touched by an update.
#
# An update that was cut short is carried on or taken back; then the app runs, or, after three boots that went wrong, only the
# rescue copy: a satellite without slots, whose files can be changed.
import sys


def start():
    sys.path.insert(0, "/rescue")
    from sat import safe

    safe.journal()
    rescue = safe.boots()
    if not rescue:
        for name in list(sys.modules):
            if name == "sat" or name.startswith("sat."):
                del sys.modules[name]
        sys.path.pop(0)
    try:
        if rescue:
            import sat.rescue
        else:
            import app
    except KeyboardInterrupt:
        return  # somebody is at the prompt
    except BaseException as e:
        safe.keep_trace(e)
    else:
        if safe.runs_on():
            return
    safe.reset()


start()

# Modules that are needed for a moment.
import gc
import sys


def once(name):
    # Loads a module of ours that shall not stay in memory: it lasts as long as somebody holds it.
    gc.collect()
    full = "sat." + name
    __import__(full)
    m = sys.modules.pop(full)
    delattr(sys.modules["sat"], name)
    return m

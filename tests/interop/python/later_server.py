"""A server of the original's later generation (0.71), which has no program of its own that runs without the whole of MoaT.

Arguments: name, port, broker, value of a new network's root or "-", and the other servers as NAME=PORT.
"""

import logging, os, sys
import anyio
import moat.kv
from asyncscope import main_scope
from moat.kv.server import Server
from moat.lib.config import current_cfg
from moat.util import attrdict, combine_dict, yload

name, port, broker, init, *others = sys.argv[1:]
logging.basicConfig(level=logging.WARNING)

with open(os.path.join(os.path.dirname(moat.kv.__file__), "_cfg.yaml")) as file:
    usual = yload(file, attr=True)
here = attrdict(host="127.0.0.1", port=int(port))
own = attrdict(
    server=attrdict(
        mqtt=attrdict(uri=broker, codec="std-msgpack"),
        bind_default=here,
        ping=attrdict(cycle=1.5, gap=0.3),
    ),
    conn=here,
    hostmap=attrdict({node: ["127.0.0.1", int(at)] for node, at in (other.split("=") for other in others)}),
)
current_cfg.set(attrdict(moat=attrdict(kv=usual), kv=usual))


async def main():
    server = Server(name, cfg=combine_dict(own, usual, cls=attrdict), **({} if init == "-" else {"init": init}))
    ready = anyio.Event()
    async with main_scope("moat"), anyio.create_task_group() as tasks:
        tasks.start_soon(serve, server, ready)
        await ready.wait()
        print("Running.", flush=True)


async def serve(server, ready):
    await server.serve(ready_evt=ready)


anyio.run(main, backend="trio")

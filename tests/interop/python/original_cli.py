"""The original's command line: what its own `moat` program does, without the package that only bundles it."""

import logging, sys
import anyio
from asyncscope import main_scope
from moat.kv._main import CFG
from moat.util.main import wrap_main

async def main():
    logging.basicConfig(level=logging.WARNING)
    async with main_scope("moat"):
        await wrap_main(name="moat", sub_pre="moat", sub_post="_main.cli", CFG=CFG, args=sys.argv[1:], wrap=True)

anyio.run(main, backend="trio")

"""
Runs the original's client library through one scenario against a server and prints what it saw as one JSON object.

Usage: scenarios.py HOST PORT SCENARIO [JSON ARGUMENTS]
"""

import json
import sys

import anyio
from moat.kv.client import open_client
from moat.kv.exceptions import ServerError
from moat.kv.obj import ClientEntry, ClientRoot
from moat.util import NotGiven, P, Path


def plain(value):
    """A value as JSON can show it; what JSON lacks is named."""
    if value is NotGiven:
        return {"$absent": True}
    if isinstance(value, Path):
        return {"$path": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, float) and value.is_integer():
        return {"$float": value}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"$int": str(value)}
    if isinstance(value, (list, tuple)):
        return [plain(x) for x in value]
    if isinstance(value, dict):
        return {k if isinstance(k, str) else f"${k!r}": plain(v) for k, v in value.items()}
    return value


def links(chain):
    """A chain as a list of [node, tick], newest first."""
    found = []
    while chain is not None:
        found.append([chain["node"], chain["tick"]])
        chain = chain.get("prev")
    return found


async def values(client):
    """Every kind of value goes out and comes back."""
    sent = [
        None, True, False, 0, -1, 127, 128, 65536, 2**32, 2**53 + 1, 2**63, 2**64 - 1, 2**70, -(2**63), 1.5, 1.0, -0.0,
        1e300, "", "abc", "ü€😀", "x" * 300, b"", b"abc", b"\xff" * 70000, (), (1, 2), (1, (2,)), {}, {"a": {"b": 1}},
        {1: 2}, {None: 1}, {(1, 2): "t"}, P("a.b"), P("a:1:t:n"), {"p": P("x.y")},
    ]
    wrong = []
    for n, value in enumerate(sent):
        path = P("values") + [n]
        await client.set(path, value=value)
        got = (await client.get(path)).value
        if type(got) is not type(value) and not isinstance(value, dict) or got != value:
            wrong.append([n, repr(value)[:80], repr(got)[:80]])
    return {"sent": len(sent), "wrong": wrong}


async def set_get(client):
    reply = await client.set(P("sg.a"), value=1, nchain=2)
    again = await client.set(P("sg.a"), value=2, nchain=2)
    got = await client.get(P("sg.a"), nchain=3)
    missing = await client.get(P("sg.nope"), nchain=3)
    return {
        "first": {"changed": reply.changed, "chain": links(reply.chain)},
        "again": {"changed": again.changed, "prev": again.prev, "chain": links(again.chain)},
        "got": got.value,
        "same tock": got.tock == again.tock,
        "missing has value": "value" in missing,
        "missing chain": missing.chain,
    }


async def chains(client):
    path = P("ch.a")
    errors = []

    async def refused(**kw):
        try:
            await client.set(path, **kw)
        except ServerError as exc:
            errors.append([type(exc).__name__, str(exc)])

    first = await client.set(path, value=1, chain=None, nchain=1)
    await refused(value=2, chain=None)
    second = await client.set(path, value=2, chain=first.chain, nchain=2)
    await refused(value=3, chain=first.chain)
    await refused(value=3, prev=99)
    await client.set(path, value=3, prev=2)
    same = await client.set(path, value=3, idem=True)
    await client.delete(path, nchain=2)
    await client.set(path, value=4, chain=None)
    return {
        "errors": errors,
        "newer": second.chain.tick > first.chain.tick,
        "idem changed": same.changed,
        "value": (await client.get(path)).value,
    }


async def delete(client):
    for name in ("del", "del.a", "del.a.b", "del.c"):
        await client.set(P(name), value=name)
    one = await client.delete(P("del.a"), nchain=1)
    left = [str(r.path) async for r in client.get_tree(P("del"), nchain=0)]
    count = await client.delete(P("del"), recursive=True)
    gone = [str(r.path) async for r in client.get_tree(P("del"))]
    return {"changed": one.changed, "left": left, "count": count.changed, "gone": gone}


async def tree(client):
    for name in ("t", "t.a", "t.a.b", "t.a.c", "t.d.e.f"):
        await client.set(P(name), value=name)
    everything = [[str(r.path), r.value] async for r in client.get_tree(P("t"), long_path=True)]
    shallow = [str(r.path) async for r in client.get_tree(P("t"), min_depth=1, max_depth=1)]
    empty = [str(r.path) async for r in client.get_tree(P("t"), empty=True)]
    names = await client.list(P("t"))
    data = await client.list(P("t"), with_data=True)
    return {"all": everything, "shallow": shallow, "empty": empty, "names": plain(names), "data": plain(data)}


async def big_tree(client, count):
    for n in range(count):
        await client.set(P("big") + [n % 7, n], value=n)
    seen = [r.value async for r in client.get_tree(P("big"))]
    return {"count": len(seen), "sum": sum(seen)}


async def watch(client):
    seen = []
    await client.set(P("w.old"), value=0)
    async with client.watch(P("w"), fetch=True, nchain=1) as watcher:
        async for event in watcher:
            if "path" not in event:
                seen.append(event.state)
                await client.set(P("w.new"), value=1)
                await client.set(P("w.new"), value=2)
                await client.delete(P("w.old"))
                await client.set(P("w.end"), value=None)
                continue
            seen.append([str(event.path), plain(event.get("value", NotGiven))])
            if event.path[-1] == "end":
                break
    return {"seen": seen}


class Recorder(ClientEntry):
    log = []

    async def set_value(self, value):
        await super().set_value(value)
        self.log.append([" ".join(str(x) for x in self.subpath), plain(value)])


class RecorderRoot(ClientRoot):
    CFG = "test"

    @classmethod
    def child_type(cls, name):
        return Recorder


async def mirror(client):
    await client.set(P("m.two.three"), value=("Test", 42, False))
    async with client.mirror(P("m"), root_type=RecorderRoot, need_wait=True) as root:
        loaded = plain(root["two"]["three"].value)
        reply = await client.set(P("m.two.four"), value=4, nchain=2)
        await root.wait_chain(reply.chain)
        four = root["two"]["four"].value
        reply = await root["two"]["four"].update(5)
        await root.wait_chain(reply.chain)
        five = (await client.get(P("m.two.four"))).value
        reply = await client.delete(P("m.two.three"), nchain=2)
        await root.wait_chain(reply.chain)
    return {"loaded": loaded, "four": four, "five": five, "log": Recorder.log}


async def state(client):
    await client.set(P("st.a"), value=1)
    await client.set(P("st.a"), value=2)
    reply = await client._request(
        "get_state", nodes=True, known=True, deleted=True, missing=True, present=True, remote_missing=True
    )
    ticks = await client._request("enum_node", node=reply.node, max=0)
    return {"node": reply.node, "nodes": dict(reply.nodes), "known": plain(reply.get("known", {})),
            "present": plain(reply.get("present", {})), "missing": plain(reply.get("missing", {})),
            "ticks": len(ticks.result)}


async def files(client, folder):
    await client.set(P("f.a"), value=1)
    await client._request("save", path=f"{folder}/once.state", full=True)
    await client._request("log", path=f"{folder}/log.state", fetch=True)
    await client.set(P("f.b"), value=2)
    await client.delete(P("f.a"))
    await client._request("log", path=None)
    return {"ok": True}


async def messages(client):
    got = []
    async with client.msg_monitor(P("talk.one")) as monitor:
        await client.msg_send(P("talk.one"), {"hello": 1})
        await client.msg_send(P("talk.one"), raw=b"\xa3abc")
        async for message in monitor:
            got.append(plain(message.get("data")))
            if len(got) == 2:
                break
    return {"got": got}


async def unknown(client):
    """An error must leave the connection usable."""
    errors = []
    for action, args in (("no_such", {}), ("get_value", {}), ("set_value", {"path": P("x")})):
        try:
            await client._request(action, **args)
        except ServerError as exc:
            errors.append(str(exc))
    await client.set(P("still"), value="here")
    return {"errors": errors, "value": (await client.get(P("still"))).value}


async def types(client):
    """A type, a match and a codec as the original stores them; bad values are refused in its words."""
    errors = []

    async def refused(action, **kw):
        try:
            await client._request(action, **kw)
        except ServerError as exc:
            errors.append(str(exc))

    check = 'if int(value) != value: raise ValueError("not an integer")'
    await client._request("set_internal", path=P("type.int"), value={"code": check, "good": [0, 1], "bad": [1.5]})
    await refused("set_internal", path=P("type.odd"), value={"code": "if", "good": [0, 1], "bad": [1.5]})
    await refused("set_internal", path=P("match.a"), value={"type": P("missing")})
    await client._request("set_internal", path=P("match.stats.#"), value={"type": P("int")})
    await refused("set_value", path=P("stats.a.b"), value=1.5)
    await client.set(P("stats.a.b"), value=7)
    await client.delete(P("stats.a.b"))
    await client.set(P("stats.a.b"), value=8)
    return {"errors": errors, "value": (await client.get(P("stats.a.b"))).value}


async def main():
    host, port, name, *args = sys.argv[1:]
    async with open_client(conn={"host": host, "port": int(port)}) as client:
        with anyio.fail_after(60):
            result = await globals()[name](client, *map(json.loads, args))
    print(json.dumps(result))


anyio.run(main, backend="trio")

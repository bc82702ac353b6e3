"""What the original needs of its Serf library, which itself does not run with any release of anyio that the original runs with.

Only a connection, events out, and events in; everything above (channels, pieces of messages, actors) is the original's own.
"""

from contextlib import asynccontextmanager

import anyio
import msgpack


class Event:
    def __init__(self, body):
        self.topic = body[b"Name"].decode()
        self.payload = body[b"Payload"]


class Serf:
    def __init__(self, sock):
        self.sock = sock
        self.lock = anyio.Lock()
        self.seq = 0
        self.replies = {}
        self.streams = {}

    async def read(self):
        unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)
        head = None
        while True:
            unpacker.feed(await self.sock.receive())
            for item in unpacker:
                if head is not None:
                    await self.streams[head].send(Event(item))
                    head = None
                elif item[b"Seq"] in self.replies:
                    self.replies.pop(item[b"Seq"]).set()
                    if item[b"Error"]:
                        raise RuntimeError(item[b"Error"].decode())
                elif item[b"Seq"] in self.streams:
                    head = item[b"Seq"]

    async def call(self, command, seq=None, **body):
        if seq is None:
            self.seq += 1
            seq = self.seq
        done = self.replies[seq] = anyio.Event()
        data = msgpack.packb({"Command": command, "Seq": seq}, use_bin_type=False)
        if body:
            data += msgpack.packb(body, use_bin_type=False)
        async with self.lock:
            await self.sock.send(data)
        await done.wait()

    async def event(self, name, payload, coalesce):
        await self.call("event", Name=name, Payload=bytes(payload), Coalesce=coalesce)

    @asynccontextmanager
    async def stream(self, kind):
        self.seq += 1
        seq = self.seq
        self.streams[seq], receive = anyio.create_memory_object_stream(10000)
        await self.call("stream", seq=seq, Type=kind)
        yield receive


@asynccontextmanager
async def serf_client(host="localhost", port=7373, rpc_auth=None):
    async with await anyio.connect_tcp(host, port) as sock, anyio.create_task_group() as tg:
        client = Serf(sock)
        tg.start_soon(client.read)
        await client.call("handshake", Version=1)
        if rpc_auth:
            await client.call("auth", AuthKey=rpc_auth)
        yield client
        tg.cancel_scope.cancel()

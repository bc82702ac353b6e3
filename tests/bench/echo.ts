/**
 * The dependency-free anchor: a bare Deno TCP echo. Nothing that reads, understands and answers a request can be faster,
 * so a server's distance to it is the cost of its own work.
 */
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log((listener.addr as Deno.NetAddr).port);

for await (const conn of listener) {
  conn.setNoDelay(true);
  void serve(conn);
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1 << 16);
  try {
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      for (let done = 0; done < n;) done += await conn.write(buffer.subarray(done, n));
    }
  } catch {
    // The load generator closes without ceremony.
  }
}

/** A message broker that accepts every connection and says nothing more. */

/** Where it listens; ends with `using`. */
export interface FakeBroker extends Disposable {
  readonly uri: string;
  /** Resolves when somebody has connected and was accepted. */
  readonly asked: Promise<void>;
}

/** Starts it on a free port of the loopback interface. */
export function startFakeBroker(): FakeBroker {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = Promise.withResolvers<void>();
  const connections = new Set<Deno.Conn>();
  void (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      void accept(connection).then(asked.resolve, () => {}).finally(() => connections.delete(connection));
    }
  })();
  return {
    uri: `mqtt://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    asked: asked.promise,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch { /* the other side was first */ }
      }
    },
  };
}

/** CONNACK with return code 0 for the first packet, then nothing. */
async function accept(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  if (await connection.read(buffer) === null || buffer[0] >> 4 !== 1) return connection.close();
  // MQTT 5 has a properties length behind the return code.
  const version = buffer[8];
  await connection.write(Uint8Array.of(0x20, version === 5 ? 3 : 2, 0, 0, ...(version === 5 ? [0] : [])));
  void (async () => {
    while (await connection.read(buffer) !== null) { /* heard */ }
  })().catch(() => {});
}

/** A port of the loopback interface that nobody listens at. */
export function deadUri(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `mqtt://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
}

/**
 * Whether an MQTT broker answers: one CONNECT, one CONNACK, good bye. No library, because a server without a broker needs
 * none.
 *
 * @module
 */

/** MQTT 3.1.1, clean session, keep-alive 9 s, an empty client id (the broker makes one up). */
const connect = Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 0, 0);
const disconnect = Uint8Array.of(0xe0, 0);
/** First byte of a CONNACK. */
const connack = 0x20;

/** What became of it. `unknown`: it cannot be asked in this way (a WebSocket broker, for instance). */
export type ProbeResult = "answers" | "silent" | "unknown";

/** Asks the broker at `uri`, `mqtt://localhost:1883` or `mqtts://…`, and waits at most `waitMs`. */
export async function probeBroker(uri: string, waitMs: number): Promise<ProbeResult> {
  const { protocol, hostname, port } = new URL(uri);
  if (protocol !== "mqtt:" && protocol !== "mqtts:") return "unknown";
  const isTls = protocol === "mqtts:";
  const address = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (isTls ? 8883 : 1883) };
  let isLate = false;
  let conn: Deno.Conn | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"silent">((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      resolve("silent");
    }, waitMs);
  });
  const ask = async (): Promise<ProbeResult> => {
    const opened = isTls ? await Deno.connectTls(address) : await Deno.connect(address);
    if (isLate) return opened.close(), "silent";
    conn = opened;
    await conn.write(connect);
    const answer = new Uint8Array(4);
    const length = await conn.read(answer);
    // Whatever return code: somebody speaks MQTT there.
    if (length === null || answer[0] !== connack) return "silent";
    await conn.write(disconnect);
    return "answers";
  };
  try {
    return await Promise.race([ask().catch((): ProbeResult => "silent"), late]);
  } finally {
    clearTimeout(timer);
    conn?.close();
  }
}

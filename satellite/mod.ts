/**
 * Satellites: boards with MicroPython on serial lines and TCP, as subtrees of the tree.
 *
 * @example A gateway for a board on USB and for boards on the network
 * ```ts
 * import { openClient } from "@moat/kv";
 * import { Gateway, SerialSource, TcpListenSource } from "@moat/kv/satellite";
 *
 * await using client = await openClient({ reconnect: true });
 * await using gateway = await Gateway.start(client, {
 *   name: "cellar",
 *   sources: [new SerialSource("/dev/ttyACM0"), new TcpListenSource("0.0.0.0", 27588)],
 *   report: console.log,
 * });
 * ```
 *
 * @module
 */

export { Gateway, type GatewayOptions } from "./gateway/gateway.ts";
export type { LinkDriverOptions } from "./gateway/link_driver.ts";
export type { Line, LineSource } from "./gateway/line/line.ts";
export { openSerial, type SerialOptions, SerialSource } from "./gateway/line/serial.ts";
export { satellitePort, TcpConnectSource, TcpListenSource } from "./gateway/line/tcp.ts";
export { PipeSource } from "./gateway/line/pipe.ts";
export { ByteQueue } from "./gateway/line/byte_queue.ts";
export { Path, type PathElement, type PathInput } from "../wire/path/path.ts";
export { DuplexLine } from "./gateway/line/duplex.ts";

/**
 * The server of MoaT-KV.
 *
 * @module
 */

export { type Server, startServer } from "./server.ts";
export {
  type BrokerOptions,
  clientPort,
  ConfigError,
  defaultDataDirectory,
  type ElectionOptions,
  type FsyncPolicy,
  type ListenOptions,
  type ListenTls,
  type OriginalsOptions,
  type PeerOptions,
  type SerfOptions,
  type ServerOptions,
  type WebOptions,
  webPort,
} from "./config.ts";
export { PortError } from "./session/listener.ts";
export { KvError } from "../wire/errors.ts";
export { Path, type PathElement, type PathInput } from "../wire/path/path.ts";
export { Ext, Float, Timestamp, type Value } from "../wire/value.ts";

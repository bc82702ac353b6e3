/**
 * Addresses to listen at, as people write them: `HOST:PORT`, `[::1]:27586`, `27586`, `*:0`, `tls://HOST:PORT`.
 *
 * @module
 */

type Scheme = "tcp" | "tls" | "http" | "https";

/** Where to listen; what is missing has a default. */
export interface ListenWords {
  readonly host?: string;
  readonly port?: number;
  /** `tcp`, `tls`, `http` or `https`, if it was said. */
  readonly scheme?: Scheme;
}

/**
 * Reads an address.
 * @throws {SyntaxError} If it is none
 */
export function parseListen(text: string): ListenWords {
  const match = /^(?:(tcp|tls|https?):\/\/)?(\[[^\]]*\]|[^:[\]/]*)(?::(\d+))?\/?$/.exec(text);
  if (!match || text === "") {
    throw new SyntaxError(`'${text}' is no address: HOST:PORT is needed, such as 0.0.0.0:27586`);
  }
  const [, scheme, place, digits] = match;
  const onlyPort = digits === undefined && /^\d+$/.test(place);
  const port = onlyPort ? Number(place) : digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65535) throw new SyntaxError(`There is no port ${port}: 65535 is the last`);
  const host = onlyPort || place === "" ? undefined : hostOf(place);
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(scheme === undefined ? {} : { scheme: scheme as Scheme }),
  };
}

/** `localhost` may be ::1 for the system, but clients try 127.0.0.1 as well. */
function hostOf(place: string): string {
  if (place === "*") return "0.0.0.0";
  return place === "localhost" ? "127.0.0.1" : place.replace(/^\[|\]$/g, "");
}

/**
 * The errors of this program. A {@linkcode RequestError} has a code that travels (`etype` in the reply), so the client
 * throws the same class that the server threw. The text beside it is the original's, for its clients.
 *
 * Source: `spec/client-protocol.md` 3.4, `spec/cli.md` 1.3.
 *
 * @module
 */

/** The codes that travel as `etype`, and what each means. */
export type ErrorCode =
  /** The expected chain or previous value is not what the entry has. */
  | "chain"
  /** There is no such entry, node, tick, user or stream. */
  | "not_found"
  /** The request is malformed: field missing, of the wrong type, or out of place. */
  | "request"
  /** The server does not know this action. */
  | "action"
  /** A value or path cannot be stored. */
  | "value"
  /** The user may not do this. */
  | "acl"
  /** A type check refused the value. */
  | "type"
  /** The login failed. */
  | "auth"
  /** The server wants a login first. */
  | "auth_required"
  /** The server wants another login method. */
  | "auth_method"
  /** A file cannot be read or written on the server. */
  | "file"
  /** The server cannot write its log and refuses changes. */
  | "read_only"
  /** A stream's reader was too slow; it has to be opened anew. */
  | "lagging"
  /** A limit of the server was exceeded. */
  | "limit"
  /** The server does not offer this here. */
  | "unsupported"
  /** A defect of the server. */
  | "internal";

/** Whatever goes wrong in a way this program knows. */
export class KvError extends Error {
  /** The name of the class, also in minified programs. */
  override name = "KvError";
}

/** A request was refused. The caller can mend it; the connection goes on. */
export class RequestError extends KvError {
  /** The name of the class, also in minified programs. */
  override name = "RequestError";
  /**
   * A refusal.
   * @param code What travels as `etype`
   * @param message The text, without a final period
   */
  constructor(readonly code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The chain or previous value given is not the entry's. */
export class ChainError extends RequestError {
  /** The name of the class, also in minified programs. */
  override name = "ChainError";
  /**
   * A refusal because of the chain.
   * @param message For example `Entry already exists at a.b`
   */
  constructor(message: string, options?: ErrorOptions) {
    super("chain", message, options);
  }
}

/** There is no such thing. */
export class NotFoundError extends RequestError {
  /** The name of the class, also in minified programs. */
  override name = "NotFoundError";
  /**
   * A refusal because something does not exist.
   * @param message What was looked for
   */
  constructor(message: string, options?: ErrorOptions) {
    super("not_found", message, options);
  }
}

/** An access rule forbids it. */
export class AclError extends RequestError {
  /** The name of the class, also in minified programs. */
  override name = "AclError";
  /**
   * A refusal by an access rule.
   * @param message The deciding rule and the missing letter
   */
  constructor(message: string, options?: ErrorOptions) {
    super("acl", message, options);
  }
}

/** A type check refused the value. */
export class TypeCheckError extends RequestError {
  /** The name of the class, also in minified programs. */
  override name = "TypeCheckError";
  /**
   * A refusal by a type check.
   * @param message The check's own text
   */
  constructor(message: string, options?: ErrorOptions) {
    super("type", message, options);
  }
}

/** A login failed, is missing, or uses the wrong method. */
export class AuthError extends RequestError {
  /** The name of the class, also in minified programs. */
  override name = "AuthError";
  /**
   * A refusal because of who asks.
   * @param message The text
   * @param code Which of the three
   */
  constructor(message: string, code: "auth" | "auth_required" | "auth_method" = "auth", options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Bytes that are not what the protocol says. */
export class ProtocolError extends KvError {
  /** The name of the class, also in minified programs. */
  override name = "ProtocolError";
  /**
   * Something malformed.
   * @param message What is wrong
   * @param offset Where, in bytes from the start of the message or buffer
   */
  constructor(message: string, readonly offset: number) {
    super(`${message} at byte ${offset}`);
  }
}

/** The connection could not be made, or is gone. */
export class ConnectionError extends KvError {
  /** The name of the class, also in minified programs. */
  override name = "ConnectionError";
}

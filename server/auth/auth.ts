/**
 * Who may use this server: which login is demanded, whether somebody is who they say, and what ends when that changes.
 *
 * A method that the entry `auth` names is demanded even if it has no users any more: a server that loses them stays locked.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import type { Meta } from "../meta/meta.ts";
import { Attempts } from "./attempts.ts";
import { type Connection, Connections, type TimeOfDay, type Verdict } from "./connections.ts";
import type { Identity } from "./identity.ts";
import type { Method, Shown, UserRecord } from "./method.ts";
import { PasswordMethod } from "./password.ts";
import { placeOf } from "./peer_place.ts";
import { rootMethod } from "./root.ts";
import { Stretcher } from "./stretcher.ts";
import { testMethod } from "./test.ts";
import { TokenMethod } from "./token.ts";
import { Users } from "./users.ts";
import { noUser, outOfPlace } from "./refusals.ts";

/** What logins need of the server. */
export interface AuthParts {
  readonly store: Store;
  readonly meta: Meta;
  readonly clock: TimeOfDay;
  readonly random: (bytes: number) => Uint8Array;
  /** Runs a change of the store. */
  readonly change: (body: () => void) => void;
  /** Whether nothing can be written. */
  readonly isReadOnly: () => boolean;
}

/** See the module. */
export class Auth implements Disposable {
  readonly users: Users;
  readonly connections: Connections;
  readonly #parts: AuthParts;
  readonly #attempts = new Attempts(() => performance.now());
  readonly #methods: ReadonlyMap<string, Method>;
  /** Those who were here before a login was demanded, and demanded it themselves. */
  readonly #excused = new WeakSet<Connection>();
  /** Those of whom it is being found out whether their secret is still the same. */
  readonly #comparing = new WeakSet<Connection>();

  /** @param parts What it needs */
  constructor(parts: AuthParts) {
    this.#parts = parts;
    this.users = new Users(parts.store);
    const { random, clock } = parts;
    const password = new PasswordMethod({ stretcher: new Stretcher(), random, isCompatible: () => this.isCompatible });
    const methods: Method[] = [rootMethod, testMethod, password, new TokenMethod(() => clock.nowMs())];
    this.#methods = new Map(methods.map((method) => [method.name, method]));
    this.connections = new Connections((connection) => this.#judge(connection), clock);
    parts.meta.onChange("auth", () => this.#reviewSoon());
  }

  /** The method that is demanded; undefined: none, everybody may do everything. */
  get current(): string | undefined {
    const current = this.users.settings?.current;
    return typeof current === "string" && current !== "" ? current : undefined;
  }

  /** Whether servers of the original are to understand the passwords' records. */
  get isCompatible(): boolean {
    return this.users.settings?.compatible === true;
  }

  /** The method that is demanded or null, then the others. Undefined if there never were any. */
  get methods(): (string | null)[] | undefined {
    if (!this.users.hasEntry) return undefined;
    const current = this.current ?? null;
    return [current, ...this.users.methods.filter((method) => method !== current)];
  }

  /** A method. @throws {RequestError} If there is none of that name */
  method(name: string): Method {
    const method = this.#methods.get(name);
    if (method !== undefined) return method;
    throw new RequestError("unsupported", `There is no login method '${name.slice(0, 64)}'`);
  }

  /**
   * Finds out whether somebody is who they say.
   * @param connection Whose request it is: one who is logged in may try any method
   * @param isGone Whether nobody wants to know any more
   * @throws {RequestError} If not
   */
  async identify(
    connection: Connection & { readonly peer: string },
    name: string,
    shown: Shown,
    isGone: () => boolean,
  ): Promise<Identity> {
    const current = this.current;
    if (connection.needsLogin && name !== current && name !== "token") {
      throw outOfPlace("Wrong auth type", "auth_method", current ?? null);
    }
    const method = this.method(name);
    return await this.#attempts.look(placeOf(connection.peer), `${name} ${shown.ident}`, async () => {
      if (isGone()) throw new RequestError("request", "The client has left");
      const proof = await this.#verify(method, shown);
      return { ...this.identity(method, shown.ident), proof };
    });
  }

  /** Verifies, and stores the better record; returns what is stored. Begins anew if the record changes meanwhile: another login may better it, too. */
  async #verify(method: Method, shown: Shown): Promise<UserRecord> {
    for (;;) {
      const entry = this.users.entry(method.name, shown.ident);
      const { writer, tick } = entry ?? {};
      const record = this.users.record(method.name, shown.ident);
      const better = await method.verify(record, shown);
      if (entry === undefined) throw noUser(method.name, shown.ident);
      if (!entry.hasValue || entry.writer !== writer || entry.tick !== tick) continue;
      if (better === undefined || this.#parts.isReadOnly()) return record!;
      this.#store(entry, encode(better));
      return better;
    }
  }

  #store(entry: Entry, bytes: Uint8Array): void {
    this.#parts.change(() => this.#parts.store.write(entry, bytes, 0, bytes.length));
  }

  /** The identity of a user that exists. @throws {RequestError} If what it is bound by makes no sense */
  identity(method: Method, user: string): Identity {
    const untilMs = method.untilMs?.(this.users.record(method.name, user) ?? {});
    return {
      method: method.name,
      user,
      aclName: this.users.binding(method.name, user, "acl"),
      convGroup: this.users.binding(method.name, user, "conv"),
      ...(untilMs === undefined ? {} : { untilMs }),
    };
  }

  /** Who the owner of a certificate is: the user of the method in use that has the certificate's name, if there is one. */
  ofCertificate(commonName: string): Identity | undefined {
    const method = this.#methods.get(this.current ?? "");
    if (method === undefined || !this.users.entry(method.name, commonName)) return undefined;
    try {
      return this.identity(method, commonName);
    } catch {
      return undefined; // what it is bound by makes no sense
    }
  }

  /** Demands no login any more. Returns whether one was demanded. */
  unlock(): boolean {
    const { current, ...others } = this.users.settings ?? {};
    if (current === undefined || this.#parts.isReadOnly()) return false;
    const bytes = encode(others);
    this.#parts.change(() => {
      this.#parts.store.write(this.#parts.store.ensure([null, "auth"], 2), bytes, 0, bytes.length);
    });
    return true;
  }

  /** That connection stays, although it has not logged in: it is the one that demands it of the others. */
  excuse(connection: Connection): void {
    this.#excused.add(connection);
  }

  #isReviewing = false;

  /** Once per turn, and behind it: what is to end may have changed with any of its changes. */
  #reviewSoon(): void {
    if (this.#isReviewing) return;
    this.#isReviewing = true;
    queueMicrotask(() => {
      this.#isReviewing = false;
      this.connections.review();
    });
  }

  #judge(connection: Connection): Verdict {
    const { identity, needsLogin } = connection;
    if (identity === undefined) {
      const mustLogIn = !needsLogin && this.current !== undefined && !this.#excused.has(connection);
      return mustLogIn ? "This server asks for a login from now on" : undefined;
    }
    const method = this.#methods.get(identity.method);
    if (method === undefined || !this.users.entry(identity.method, identity.user)) {
      return "This user is not there any more";
    }
    let now: Identity;
    try {
      now = this.identity(method, identity.user);
    } catch (error) {
      return (error as Error).message;
    }
    if (now.untilMs !== undefined && now.untilMs <= this.#parts.clock.nowMs()) return "The time of this login is over";
    // Streams that run were opened with the old rights.
    if (now.aclName !== identity.aclName || now.convGroup !== identity.convGroup) {
      return "The rights of this user have changed: log in again";
    }
    const isSame = this.#isSameSecret(connection, identity, method);
    if (!isSame) return "The password or token of this user has changed: log in again";
    return now.untilMs === identity.untilMs ? undefined : { ...now, ...(identity.proof && { proof: identity.proof }) };
  }

  /** Whether the user's secret is still the one that was shown. What takes time to find out is taken for the same till then. */
  #isSameSecret(connection: Connection, { method: name, user, proof }: Identity, method: Method): boolean {
    const record = this.users.record(name, user);
    if (proof === undefined || record === undefined || method.isSameSecret === undefined) return true;
    if (this.#comparing.has(connection)) return true;
    const isSame = method.isSameSecret(proof, record);
    if (typeof isSame === "boolean") return isSame;
    this.#comparing.add(connection);
    void this.#compare(connection, record, isSame);
    return true;
  }

  async #compare(connection: Connection, record: UserRecord, comparing: Promise<boolean>): Promise<void> {
    const isSame = await comparing.catch(() => false);
    this.#comparing.delete(connection);
    const { identity } = connection;
    if (identity === undefined) return;
    // The next look compares with what was found to be the same, or, without any, ends it.
    connection.become({ ...identity, proof: isSame ? record : {} });
    this.connections.check(connection);
  }

  /** Stops looking at the clock. */
  [Symbol.dispose](): void {
    this.connections[Symbol.dispose]();
  }
}

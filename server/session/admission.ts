/**
 * Which action a request asks for, and whether it may be asked by this client in this way.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { RequestView } from "../../wire/message/request.ts";
import { badField } from "../action/refusal.ts";
import type { Rights } from "../meta/acl/rights.ts";
import { type Action, actions } from "../action/table.ts";
import { forUnboundOnly } from "../action/unbound.ts";

/** What a client may do. */
export interface Admission {
  /** It has to log in first. */
  readonly needsLogin: boolean;
  /** It may name files on the server. */
  readonly mayNameFiles: boolean;
  /** What it may do; undefined: everything. */
  readonly rights: Rights | undefined;
}

/**
 * The action that a request asks for.
 * @throws {RequestError} If there is none, or it may not be asked for
 */
export function admit(request: RequestView, { needsLogin, mayNameFiles, rights }: Admission): Action {
  const name = request.action;
  const action = actions.get(name);
  if (action === undefined) {
    throw new RequestError("action", name === "" ? "A request needs an 'action'" : `There is no action '${name}'`);
  }
  const { needs } = action;
  if (needsLogin && !needs.noLogin) throw new RequestError("auth_required", "You need to log in");
  if (needs.unbound && rights !== undefined) throw forUnboundOnly(name);
  if (needs.files && !mayNameFiles) {
    throw new RequestError("unsupported", `'${name}' names a file on the server: not over WebSocket`);
  }
  if (request.state === "start" && !needs.stream) {
    throw new RequestError("request", `'${name}' does not take more than one message`);
  }
  return action;
}

/** The client's hello: its first message, if that has the number 0 and asks for nothing. */
export class Hello {
  /** How many messages of a stream the client takes without acknowledging; 0: it keeps no accounts. */
  window = 0;
  #wasSaid = false;

  /** @param windowMax The largest window */
  constructor(readonly windowMax: number) {}

  /** Takes the message if it is the hello. @throws {RequestError} If it makes no sense */
  take(request: RequestView): boolean {
    if (request.seq !== 0 || this.#wasSaid || request.action !== "") return false;
    this.#wasSaid = true;
    const asked = request.int("qlen", 0);
    if (Number.isNaN(asked)) throw badField("qlen", "an integer");
    // With a window of 1 nothing could ever be sent.
    this.window = asked > 0 ? Math.max(2, Math.min(asked, this.windowMax)) : 0;
    return true;
  }
}

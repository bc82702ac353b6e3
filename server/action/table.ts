/**
 * What a client can ask for: name → handler, and what the handler needs.
 *
 * Source: `spec/client-protocol.md` 3.10.
 *
 * @module
 */

import { setRoot, testAcl } from "./access.ts";
import { acknowledged } from "./acknowledge.ts";
import type { Call } from "./call.ts";
import { checkType } from "./check_type.ts";
import { deleteTree } from "./delete_tree.ts";
import { enumerate, enumerateInternal } from "./enumerate.ts";
import { log, save } from "./files.ts";
import { getInternal, getValue } from "./get_value.ts";
import { getTree, getTreeInternal } from "./get_tree.ts";
import { listBroken } from "./list_broken.ts";
import { authenticate, diffieHellman } from "./login.ts";
import { explainAcl } from "./explain_acl.ts";
import { forgetNode } from "./members.ts";
import { msgMonitor, msgSend } from "./messages.ts";
import { checkDeleted, enumNode, fakeInfo, fakeInfoSend, killNode } from "./nodes.ts";
import { deleteInternal, deleteValue, setInternal, setValue } from "./set_value.ts";
import { getState, getTock } from "./state.ts";
import { getStatus } from "./status.ts";
import { stop } from "./stop.ts";
import { update } from "./update.ts";
import { authSet, setAuthType } from "./set_user.ts";
import { authGet, authInfo, authList } from "./users.ts";
import { watch } from "./watch.ts";

/** Answers a request, at once or later. What it throws is the answer. */
export type Handler = (call: Call) => void | Promise<void>;

/** What a handler needs. */
export interface Needs {
  /** It answers with a stream, so the request may say that more messages follow. */
  readonly stream?: boolean;
  /** It takes its time, so it gets a call of its own. */
  readonly time?: boolean;
  /** It takes its time if the request has the field `nodes`. */
  readonly timeForNodes?: boolean;
  /** It may come behind writes that wait; all others have to wait until those are applied. */
  readonly mayJoin?: boolean;
  /** It is not for those who are bound by an ACL. */
  readonly unbound?: boolean;
  /** It names files on the server. */
  readonly files?: boolean;
  /** It may be called before a login. */
  readonly noLogin?: boolean;
}

/** One action. */
export interface Action {
  readonly handler: Handler;
  readonly needs: Needs;
}

const at = (handler: Handler, needs: Needs = {}): Action => ({ handler, needs });

/** A write of one entry; with `nodes` it is answered when so many nodes have it. */
const write = (handler: Handler, mayJoin = false): Action => ({
  handler: (call) => {
    const { request } = call;
    return request.otherCount > 0 && request.has("nodes") ? acknowledged(call, handler) : handler(call);
  },
  needs: { timeForNodes: true, mayJoin },
});

/** Every action by its name. */
export const actions: ReadonlyMap<string, Action> = new Map([
  ["get_value", at(getValue)],
  ["get_internal", at(getInternal)],
  ["set_value", write(setValue, true)],
  ["set_internal", write(setInternal)],
  ["delete_value", write(deleteValue, true)],
  ["delete_internal", write(deleteInternal)],
  ["delete_tree", at(deleteTree, { stream: true, time: true })],
  ["enum", at(enumerate)],
  ["enumerate", at(enumerate)],
  ["enum_internal", at(enumerateInternal)],
  ["get_tree", at(getTree, { stream: true })],
  ["get_tree_internal", at(getTreeInternal, { stream: true })],
  ["watch", at(watch, { stream: true })],
  ["stop", at(stop, { noLogin: true })],
  ["root", at(setRoot)],
  ["test_acl", at(testAcl)],
  ["get_tock", at(getTock)],
  ["explain_acl", at(explainAcl, { unbound: true })],
  ["get_state", at(getState, { unbound: true })],
  ["enum_node", at(enumNode, { unbound: true })],
  ["kill_node", at(killNode, { unbound: true })],
  ["forget_node", at(forgetNode, { unbound: true })],
  ["get_status", at(getStatus)],
  ["list_broken", at(listBroken, { time: true, unbound: true })],
  ["check_type", at(checkType, { stream: true })],
  ["check_deleted", at(checkDeleted, { unbound: true })],
  ["fake_info", at(fakeInfo, { unbound: true })],
  ["fake_info_send", at(fakeInfoSend, { unbound: true })],
  ["update", at(update, { unbound: true })],
  ["save", at(save, { time: true, files: true, unbound: true })],
  ["log", at(log, { time: true, files: true, unbound: true })],
  ["msg_send", at(msgSend)],
  ["msg_monitor", at(msgMonitor, { stream: true })],
  ["auth_info", at(authInfo, { unbound: true })],
  ["auth", at(authenticate, { stream: true, noLogin: true })],
  ["auth_list", at(authList, { stream: true, unbound: true })],
  ["auth_get", at(authGet, { stream: true, unbound: true })],
  ["auth_set", at(authSet, { stream: true, time: true, unbound: true })],
  ["set_auth_typ", at(setAuthType, { unbound: true })],
  ["diffie_hellman", at(diffieHellman, { noLogin: true })],
]);

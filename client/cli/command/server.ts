/**
 * `server`: runs a node until it is told to stop.
 *
 * @module
 */

import { Option } from "commander";
import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { alias } from "../util/alias.ts";
import { runServer } from "../util/run_server.ts";
import { checkServerWords, type ServerWords } from "../util/server_options.ts";

const description = [
  "Run a server, until SIGTERM or Ctrl-C.",
  "It keeps its state in a directory and starts from it. Without state it looks for other servers, by way of the message " +
  "broker that is configured, or that of this machine: it copies the state from the first that answers. If there is no " +
  "broker on this machine it starts a new network, and offers a broker to those that follow.",
  "'Running.' is printed when clients are served; systemd is told, too.",
].join("\n\n");

/** Adds the `server` command. */
export function register(parent: MoatCommand, context: CliContext): void {
  const command = parent.command("server").summary("run a server").description(description)
    .argument("[name]", "the node's name (the host's)")
    .argument("[nodes...]", "copy the state from these nodes");
  startOptions(command);
  placeOptions(command);
  command.examples(
    ["moat kv server", "the host's name, state in ~/.local/state/moat/kv/NAME"],
    ["moat kv server -i Testing $(hostname)", "a new network whose root value is 'Testing'"],
    ["moat kv server --bind '*:27586' --data /srv/kv", "for other machines, too"],
    ["moat kv server -l today.state $(hostname)", "from a state file"],
    ["moat kv server --memory --bind 127.0.0.1:0 try", "leaves nothing behind; any free port"],
  ).action(async (name: string | undefined, nodes: string[], words: ServerWords) => {
    checkServerWords(words, nodes);
    await runServer(context, name, nodes, words);
  });
}

/** How it begins. */
function startOptions(command: MoatCommand): void {
  command
    .option("-i <value>", "if no other server answers, start a new network with this root value")
    .option("-I, --init <value>", "the same")
    .option("-e, --eval", "the root value is a Python literal, not a text; '-' is None in any case")
    .list("-l, --load <file>", "load this state file first; may be a pipe, may be repeated")
    .option("-a, --authoritative", "what is loaded is all there is: nothing is missing")
    .option("-f, --force", "start although changes are missing (a server always does)")
    .option("--alone", "have nothing to do with other servers: neither look for a message broker nor offer one")
    .option("--join", "never start a new network: wait for another server, fail if no broker answers")
    .option("--unlock", "nobody has to log in any more, on all servers: for who has lost the last password")
    .option("-s, --save <file>", "write state and changes to this file from the start, as 'log dest' does")
    .option("--incremental", "with -s: changes only");
  alias(command, "--auth", "--authoritative");
}

/** Where it keeps its state and is reached. */
function placeOptions(command: MoatCommand): void {
  command
    .option("--data <dir>", "state directory")
    .option("--memory", "keep nothing on disk")
    .addOption(
      new Option("--fsync <policy>", "when a write must be on the disk: before its reply, within a second, or whenever")
        .choices(["always", "everysec", "no"]),
    )
    .list("--bind <address>", "listen for clients at HOST:PORT (127.0.0.1:27586); may be repeated")
    .option("--web <address>", "serve HTTP and WebSocket at HOST:PORT (127.0.0.1:27590), or none")
    .option(
      "--tls-cert <file>",
      "certificate chain (PEM); makes every --bind that does not say tcp:// a TLS port, and a --web that does not say " +
        "http:// HTTPS",
    )
    .option("--tls-key <file>", "its key (PEM)")
    .option(
      "--tls-client-ca <file>",
      "who shows a certificate of this authority (PEM) is logged in as the user of its name",
    )
    .option("--tls-client-required", "nobody comes in by a TLS port without such a certificate");
}

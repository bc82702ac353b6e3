/**
 * How a long-running command is told to stop.
 *
 * @module
 */

/** Fires when the program shall stop. */
export interface StopSignals extends Disposable {
  readonly signal: AbortSignal;
}

const signals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGBREAK"] : ["SIGTERM"];

/**
 * Fires on the first SIGTERM or Ctrl-C. The second one ends the program on the spot, with what is not yet written lost.
 * @param interrupt Fires on Ctrl-C, whose second one is somebody else's business
 */
export function stopSignals(interrupt: AbortSignal): StopSignals {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(143);
    controller.abort(new DOMException("Stopped by a signal", "AbortError"));
  };
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  interrupt.addEventListener("abort", stop, { once: true });
  if (interrupt.aborted) stop();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      interrupt.removeEventListener("abort", stop);
    },
  };
}

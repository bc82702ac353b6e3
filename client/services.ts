/**
 * Things that exist once per client and end with it.
 *
 * @module
 */

/** Services by name. */
export class Services {
  readonly #services = new Map<string, Promise<AsyncDisposable>>();

  /** The service of this name; made by `create` if there is none. One that could not be made is tried again. */
  get<T extends AsyncDisposable>(name: string, create: () => Promise<T>): Promise<T> {
    const present = this.#services.get(name);
    if (present) return present as Promise<T>;
    const service = create();
    this.#services.set(name, service);
    service.catch(() => this.#services.delete(name));
    return service;
  }

  /** Ends them, the newest first. */
  async close(): Promise<void> {
    const services = [...this.#services.values()].reverse();
    this.#services.clear();
    for (const service of services) await (await service.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}

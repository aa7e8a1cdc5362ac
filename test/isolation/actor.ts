/** Sends packets of every kind from a namespace, on request. */
import { fileURLToPath } from 'node:url';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import type { Namespace } from '../harness/network-namespace.ts';

const program = fileURLToPath(new URL('actor.py', import.meta.url));

export type Act = { readonly do: string } & Event;

export class Actor {
  readonly #told: JsonProcess;
  #acts = 0;

  static async in(namespace: Namespace): Promise<Actor> {
    const told = namespace.start('python3', [program]);
    await told.next({ event: 'ready' });
    return new Actor(told);
  }

  private constructor(told: JsonProcess) {
    this.#told = told;
  }

  /** The result: `{}` or `{ error }`. */
  async act(act: Act): Promise<Event> {
    this.#acts += 1;
    return this.#told.request({ ...act, number: this.#acts }, { event: 'did', number: this.#acts });
  }
}

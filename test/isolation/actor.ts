/** Sends packets of every kind from a namespace, on request. */
import { fileURLToPath } from 'node:url';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import type { Namespace } from '../harness/network-namespace.ts';

const program = fileURLToPath(new URL('actor.py', import.meta.url));

export type Act = { readonly do: string } & Event;

export class Actor {
  readonly #child: JsonProcess;
  #acts = 0;

  static async in(namespace: Namespace): Promise<Actor> {
    const child = namespace.start('python3', [program]);
    await child.next({ event: 'ready' });
    return new Actor(child);
  }

  private constructor(child: JsonProcess) {
    this.#child = child;
  }

  /** The result: `{}` or `{ error }`. */
  async act(act: Act): Promise<Event> {
    this.#acts += 1;
    return this.#child.request({ ...act, number: this.#acts }, { event: 'did', number: this.#acts });
  }
}

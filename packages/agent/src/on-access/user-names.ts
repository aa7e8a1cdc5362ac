/** Names of users, read in advance: no file is opened while a process waits for a decision. */
import { readFile } from 'node:fs/promises';

const path = '/etc/passwd';
const reloadIntervalMs = 60_000;

export class UserNames {
  #names = new Map<number, string>();
  #readAt = -Infinity;

  async load(): Promise<void> {
    this.#readAt = performance.now();
    const lines = (await readFile(path, 'utf8')).split('\n');
    this.#names = new Map(
      lines.flatMap((line) => {
        const [name, , uid] = line.split(':');
        return name === undefined || uid === undefined ? [] : [[Number(uid), name.slice(0, 255)]];
      }),
    );
  }

  /** The number itself for an unknown user. A new user is known the next time. */
  nameOf(uid: number): string {
    const name = this.#names.get(uid);
    // Not awaited: another thread of ours allows the opening. A file that cannot be read leaves the names as they were.
    if (name === undefined && performance.now() - this.#readAt > reloadIntervalMs)
      void this.load().catch(() => undefined);
    return name ?? String(uid);
  }
}

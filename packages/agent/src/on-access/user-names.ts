/** Names of users, read beforehand: while somebody waits for a decision, no file is opened for a name. */
import { readFile } from 'node:fs/promises';

const path = '/etc/passwd';
const rarely = 60_000;

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

  /** The number itself for a user who is in no file. Somebody new is known the next time. */
  nameOf(uid: number): string {
    const name = this.#names.get(uid);
    // Not waited for: another thread of ours opens it. A file that cannot be read leaves the names as they were.
    if (name === undefined && performance.now() - this.#readAt > rarely) void this.load().catch(() => undefined);
    return name ?? String(uid);
  }
}

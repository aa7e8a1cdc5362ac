/** Sets the marks: one for each real filesystem, looked for again every second, because mounts come and go. */
import { statfsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withName } from '../kernel/fanotify.ts';
import type { FanotifyCalls, Group } from '../kernel/fanotify.ts';
import { messageOf } from '../message-of.ts';
import { filesystemsToWatch, mountsIn } from '../fs/mounts.ts';
import type { Mount } from '../fs/mounts.ts';

const btrfs = 0x9123683e;

export interface Watched {
  readonly points: readonly string[];
  /** What could not be watched though it should be. */
  readonly problems: readonly string[];
}

export class Filesystems {
  readonly #calls: FanotifyCalls;
  readonly #group: Group;
  readonly #only: readonly string[] | undefined;

  constructor(calls: FanotifyCalls, group: Group, only: readonly string[] | undefined) {
    this.#calls = calls;
    this.#group = group;
    this.#only = only;
  }

  /** Marks all of them anew: for what is marked already that changes nothing, and what was mounted again needs it. */
  async watch(isDesired: () => boolean): Promise<Watched | undefined> {
    const mounts = filesystemsToWatch(mountsIn(await readFile('/proc/self/mountinfo', 'utf8')), this.#only);
    if (!isDesired()) return undefined;
    const problems = mounts.map((mount) => this.#mark(mount));
    return {
      points: mounts.filter((_, index) => problems[index] === undefined).map(({ point }) => point),
      problems: problems.filter((one) => one !== undefined),
    };
  }

  #mark(mount: Mount): string | undefined {
    const { point } = mount;
    try {
      return withName(point, (file, { dev }) => {
        // Something else may be mounted there by now, or nothing: then this name leads to another filesystem.
        if (numbersOf(dev) !== mount.device && statfsSync(`/proc/self/fd/${file}`).type !== btrfs)
          return `${point} is no longer what was mounted there.`;
        this.#calls.watch(this.#group, file);
        return undefined;
      });
    } catch (error) {
      return `${point} cannot be watched: ${messageOf(error)}`;
    }
  }
}

/** As makedev(3) packs them. */
function numbersOf(dev: number): string {
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}

/** Sets the marks: one for each watched filesystem. Called again and again, because mounts come and go. */
import { statfsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withName } from '../kernel/fanotify.ts';
import type { FanotifyCalls, Group } from '../kernel/fanotify.ts';
import { messageOf } from '../message-of.ts';
import { deviceNumbers, mountsIn, typesWithoutDevice, watchedMounts } from '../fs/mounts.ts';
import type { Mount } from '../fs/mounts.ts';
import type { Problem } from '../problem.ts';

const btrfs = 0x9123683e;

export interface Watched {
  readonly points: readonly string[];
  /** Filesystems that should be watched, and cannot be. */
  readonly problems: readonly string[];
}

export class FilesystemMarks {
  readonly #calls: FanotifyCalls;
  readonly #group: Group;
  readonly #only: readonly string[] | undefined;

  constructor(calls: FanotifyCalls, group: Group, only: readonly string[] | undefined) {
    this.#calls = calls;
    this.#group = group;
    this.#only = only;
  }

  /** Marks all of them: a second mark changes nothing, and a filesystem that was mounted again needs one. */
  async watch(isDesired: () => boolean): Promise<Watched | undefined> {
    const [mountinfo, filesystems] = await Promise.all([
      readFile('/proc/self/mountinfo'),
      readFile('/proc/filesystems', 'utf8'),
    ]);
    if (!isDesired()) return undefined;
    const mounts = watchedMounts(mountsIn(mountinfo), typesWithoutDevice(filesystems), this.#only);
    const problems = mounts.map((mount) => this.#mark(mount));
    return {
      points: mounts.filter((_, index) => problems[index] === undefined).map(({ path }) => path.toString()),
      problems: problems.filter((one) => one !== undefined),
    };
  }

  #mark({ path, device }: Mount): Problem {
    try {
      return withName(path, (file, { dev }) => {
        // Another filesystem may be mounted there by now, or none: then this name leads elsewhere.
        if (deviceNumbers(dev) !== device && statfsSync(`/proc/self/fd/${file}`).type !== btrfs)
          return `${path.toString()} is no longer what was mounted there.`;
        this.#calls.watch(this.#group, file);
        return undefined;
      });
    } catch (error) {
      return `${path.toString()} cannot be watched: ${messageOf(error)}`;
    }
  }
}

/** Holds a folder by descriptor, reached without a symbolic link: later renames still happen in it. */
import { closeSync, constants, fsyncSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { inodeFlag } from '../../kernel/file-calls.ts';
import type { FileCalls } from '../../kernel/file-calls.ts';

const asFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export class Folder {
  readonly #calls: FileCalls;
  readonly descriptor: number;

  /** Throws ENOENT, ELOOP or ENOTDIR when the path is not all folders. */
  static open(calls: FileCalls, names: readonly Buffer[]): Folder {
    let descriptor = openSync('/', asFolder);
    for (const name of names) {
      const above = descriptor;
      try {
        descriptor = openSync(within(above, name), asFolder);
      } finally {
        closeSync(above);
      }
    }
    return new Folder(calls, descriptor);
  }

  private constructor(calls: FileCalls, descriptor: number) {
    this.#calls = calls;
    this.descriptor = descriptor;
  }

  /** Never through a symbolic link, and never waiting for the other end of a pipe. */
  openFile(name: Buffer, flags: number, mode?: number): number {
    return openSync(within(this.descriptor, name), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
  }

  /** Undefined when there is none. */
  look(name: Buffer): BigIntStats | undefined {
    return lstatSync(within(this.descriptor, name), { bigint: true, throwIfNoEntry: false });
  }

  /** Fails with EEXIST when `to` is taken. */
  rename(from: Buffer, to: Buffer): void {
    this.#calls.rename({ folder: this.descriptor, from, to });
  }

  remove(name: Buffer): void {
    unlinkSync(within(this.descriptor, name));
  }

  sync(): void {
    fsyncSync(this.descriptor);
  }

  flags(): number | null {
    return this.#calls.flags(this.descriptor) ?? null;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Only if it is locked (chattr +i, +a). */
export function unlock(calls: FileCalls, file: number, flags: number | null): void {
  if (isLocked(flags)) calls.setFlags(file, flags & ~(inodeFlag.immutable | inodeFlag.append));
}

export function lockAgain(calls: FileCalls, file: number, flags: number | null): void {
  if (isLocked(flags)) calls.setFlags(file, flags);
}

function isLocked(flags: number | null): flags is number {
  return flags !== null && (flags & (inodeFlag.immutable | inodeFlag.append)) !== 0;
}

/** The kernel goes from the descriptor to the very folder, wherever that has been moved to meanwhile (proc(5)). */
function within(folder: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);
}

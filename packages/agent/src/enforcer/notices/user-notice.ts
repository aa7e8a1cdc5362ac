/**
 * Informs the people on the endpoint that it is isolated: on their terminals, and those who log in later.
 *
 * A courtesy. A failure here is logged, and the isolation neither waits for it nor depends on it.
 */
import { execFile } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import { readIfThere, removeIfThere } from '../../fs/durable.ts';

const standard =
  'This endpoint has been isolated from the network by its administrators. Your work is not lost. Please leave it switched on, and ask them before you change anything.';
const maxLength = 256;
const whoTimeoutMs = 2000;

export interface UserNotices {
  isolated(message: string | undefined, options: { toTerminals: boolean }): void;
  restored(): void;
}

/** For endpoints without people: tests and trials that do not say where to write. */
export const nobody: UserNotices = { isolated: () => undefined, restored: () => undefined };

export class UserNoticeFiles implements UserNotices {
  readonly #path: string;
  readonly #log: Log;

  /** `path` is read by pam_motd(8) when somebody logs in: a file in /run/motd.d. */
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  isolated(message: string | undefined, { toTerminals }: { toTerminals: boolean }): void {
    const text = `${plain(message ?? '') || standard}\n`;
    this.#attempt(() => {
      if (readIfThere(this.#path) === text) return;
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o755 });
      writeFileSync(this.#path, text);
      // Whatever the umask: everybody who logs in may read it.
      chmodSync(this.#path, 0o644);
      if (toTerminals) this.#writeToTerminals(text);
    });
  }

  restored(): void {
    this.#attempt(() => removeIfThere(this.#path));
  }

  /** who(1) knows where the list of logins is, whatever program keeps it. */
  #writeToTerminals(text: string): void {
    execFile('who', { timeout: whoTimeoutMs }, (error, listed) => {
      if (error) return this.#log('notice failed', { message: messageOf(error) });
      for (const terminal of terminalsIn(listed)) this.#attempt(() => write(terminal, `\r\n${text.trim()}\r\n`));
    });
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#log('notice failed', { message: messageOf(error) });
    }
  }
}

/** No control characters, whatever the server has sent: a terminal obeys them. And none that reverse text. */
export function plain(message: string): string {
  const shown = message.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return Array.from(shown).slice(0, maxLength).join('');
}

/** The second column, if it is the name of a terminal. */
export function terminalsIn(listed: string): string[] {
  const names = listed.split('\n').map((line) => line.trim().split(/\s+/)[1] ?? '');
  return [...new Set(names.filter((name) => /^(?:pts\/\d+|tty[A-Za-z]*\d+|hvc\d+)$/.test(name)))].map(
    (name) => `/dev/${name}`,
  );
}

/** Never waits for a stopped terminal, and never makes it our controlling terminal. */
function write(terminal: string, text: string): void {
  const file = openSync(terminal, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

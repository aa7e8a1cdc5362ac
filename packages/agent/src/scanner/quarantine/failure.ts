/** Why a file was not taken, or not put back. */
import { messageOf } from '../../message-of.ts';

/**
 * `gone`: the file is no longer there, or has become something else; nothing was touched. `failed`: it is
 * there, and stays there.
 */
export class QuarantineFailure extends Error {
  readonly reason: 'gone' | 'failed';

  constructor(reason: 'gone' | 'failed', message: string) {
    super(message);
    this.reason = reason;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const explanations: Readonly<Record<string, string | undefined>> = {
  EROFS: 'The filesystem is read-only; mount it writable, or leave it to the denial of opening.',
  ENOSPC: 'The disk is full; make room and try again.',
  EDQUOT: 'The disk quota is used up; make room and try again.',
  EPERM: 'The kernel does not permit it; look for locks of the filesystem, or an agent without its capabilities.',
  EACCES: 'Access is denied; look for a security module (SELinux, AppArmor) that confines the agent.',
  EIO: 'The disk reports an error.',
};

/** Whatever was thrown, as a failure with a sentence that says what to do. */
export function failureOf(thrown: unknown, what: string): QuarantineFailure {
  if (thrown instanceof QuarantineFailure) return thrown;
  const explanation = explanations[codeOf(thrown) ?? ''];
  return new QuarantineFailure('failed', explanation ? `${what}: ${explanation}` : `${what}: ${messageOf(thrown)}`);
}

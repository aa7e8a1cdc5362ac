/** Why a file was not quarantined, or not restored. */
import { codeOf, messageOf } from '../../message-of.ts';

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

const explanations: Readonly<Record<string, string | undefined>> = {
  EROFS: 'The filesystem is read-only; mount it writable, or rely on denied openings.',
  ENOSPC: 'The disk is full; make room and try again.',
  EDQUOT: 'The disk quota is used up; make room and try again.',
  EPERM: 'The kernel does not permit it; look for locks of the filesystem, or an agent without its capabilities.',
  EACCES: 'Access is denied; look for a security module (SELinux, AppArmor) that confines the agent.',
  EIO: 'The disk reports an error.',
};

/** Turns anything thrown into a failure whose message says what to do. */
export function failureOf(thrown: unknown, what: string): QuarantineFailure {
  if (thrown instanceof QuarantineFailure) return thrown;
  const explanation = explanations[codeOf(thrown) ?? ''];
  return new QuarantineFailure('failed', explanation ? `${what}: ${explanation}` : `${what}: ${messageOf(thrown)}`);
}

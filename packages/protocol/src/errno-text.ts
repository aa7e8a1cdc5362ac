/** The system's error codes in words, for the end of a message. */

const texts: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EADDRINUSE: 'another program listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAI_AGAIN: 'its name cannot be resolved at the moment',
  ECONNREFUSED: 'nothing listens there',
  EDQUOT: 'the quota is used up',
  EEXIST: 'it is a file, not a folder',
  EIO: 'the device fails',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'there is no space left',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ENOTFOUND: 'its name cannot be resolved',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ETIMEDOUT: 'it does not answer',
};

/** `permission is denied`; the error's own message if its code has no words here. */
export function errnoText(error: unknown): string {
  return texts[errnoOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** The system's code of a failure, `ENOENT`; empty if it has none. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

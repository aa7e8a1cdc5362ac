/** The system's codes of failed reading and writing, in a person's words. */

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'there is no space left',
  EDQUOT: 'the quota is used up',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the device fails',
};

/** `permission is denied`; the system's own words for what has none here. */
export function whyNot(error: unknown): string {
  const code = codeOf(error);
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}

/** The system's code of a failure, `ENOENT`; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

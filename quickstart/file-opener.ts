/**
 * A program on the practice endpoint that opens one file four times a second, and reports whether it can:
 * `file-opener.ts <path>`.
 */
import { closeSync, openSync } from 'node:fs';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: reader.ts <path>');
// The parent has ended, so this ends too.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => process.send?.({ open: tryOpen(path) }), 250);

/** `yes`, or the error code: EPERM for a blocked file, ENOENT for a quarantined one. */
function tryOpen(file: string): string {
  try {
    closeSync(openSync(file, 'r'));
    return 'yes';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no';
  }
}

/** Hashes a file in chunks in a web worker, so that it never has to fit in memory. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** A message to the page: the progress, and finally the digests or the failure to read. */
export type HashMessage =
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'done'; readonly sha1: string; readonly sha256: string }
  | { readonly kind: 'unreadable' };

/** Bytes between two progress messages; a bar needs no more. */
const step = 4 * 1024 * 1024;

addEventListener('message', (event: MessageEvent<File>) => {
  hash(event.data).then(report, () => report({ kind: 'unreadable' }));
});

async function hash(file: File): Promise<HashMessage> {
  const [one, other] = [sha1.create(), sha256.create()];
  let bytes = 0;
  let reported = 0;
  for await (const piece of file.stream()) {
    one.update(piece);
    other.update(piece);
    bytes += piece.byteLength;
    if (bytes - reported < step) continue;
    reported = bytes;
    report({ kind: 'read', bytes });
  }
  return { kind: 'done', sha1: bytesToHex(one.digest()).toUpperCase(), sha256: bytesToHex(other.digest()) };
}

function report(message: HashMessage): void {
  postMessage(message);
}

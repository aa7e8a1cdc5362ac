/** The content of a file to upload: in memory here, streamed from disk by `@cordon/sdk/node`. */
import { bytesBody } from '../transport/body.ts';
import type { SignableBody } from '../transport/body.ts';

export interface FileContent {
  /**
   * A body that is `before`, the content as base64, and `after`. The signal aborts every read, including that for the
   * checksum.
   */
  wrap(before: string, after: string, signal?: AbortSignal): SignableBody;
  /** SHA-1 in upper-case hex; known for a streamed content once its body's checksum was made. */
  sha1(): Promise<string>;
}

export function heldContent(bytes: Uint8Array): FileContent {
  return {
    wrap: (before, after) => bytesBody(new TextEncoder().encode(before + base64(bytes) + after)),
    sha1: async () => hex(new Uint8Array(await crypto.subtle.digest('SHA-1', new Uint8Array(bytes)))),
  };
}

/** In slices, because a call takes a limited number of arguments; a multiple of three, so that none needs padding. */
function base64(bytes: Uint8Array): string {
  const slice = 3 * 8192;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += slice) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + slice))));
  }
  return parts.join('');
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** A request body that is serialised once: the bytes whose checksum is signed are the bytes that are sent. */
import { requestChecksum } from '@cordon/protocol/signing';
import type { RequestHead } from '@cordon/protocol/signing';
import type { WireBody } from './transport.ts';

export interface SignableBody extends WireBody {
  /** Base64 of the SHA-256 over the head and this body. */
  checksum(head: RequestHead): Promise<string>;
}

export function jsonBody(value: unknown): SignableBody {
  return bytesBody(new TextEncoder().encode(JSON.stringify(value)));
}

export function bytesBody(bytes: Uint8Array): SignableBody {
  return {
    length: bytes.length,
    checksum: (head) => requestChecksum(head, bytes),
    chunks: () => bytes,
  };
}

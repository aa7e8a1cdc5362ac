/** What the SDK adds under Node: transports with TLS of their own, and files that are streamed from disk. */
export { caTransport, pinnedTransport, systemTransport } from './transports.ts';
export { parseFingerprint, peerCertificate } from './pinning.ts';
export type { PeerCertificate } from './pinning.ts';
export { fileAt } from './file-at.ts';
export type { FileOptions, FileProgress } from './file-at.ts';

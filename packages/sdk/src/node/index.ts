/** The SDK's additions for Node: transports with custom TLS, and files streamed from disk. */
export { caTransport, pinnedTransport, systemTransport } from './transports.ts';
export { parseFingerprint, peerCertificate } from './pinning.ts';
export type { PeerCertificate } from './pinning.ts';
export { fileAt } from './file-at.ts';
export type { FileOptions, FileProgress } from './file-at.ts';

/** Signing a request, for clients: runs in browsers and in Node. */
export * from './checksum.ts';
export * from './make.ts';

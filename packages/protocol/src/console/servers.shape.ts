/** Generated from servers.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, list, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** GET servers: one for each node that ever ran on this database. */
export interface ManagingServer {
  id: string;
  hostName: string;
  product: string;
  /** Where agents reach it, `address:port`. */
  gateways: string[];
  /** SHA-256 of the certificate it shows, hex. */
  fingerprint: string;
  version: string;
  startedAt: Milliseconds;
  seenAt: Milliseconds;
  /** Whether it reported recently. */
  alive: boolean;
  /** Whether it answers this request. */
  current: boolean;
}
export const managingServerShape: Shape<ManagingServer> = object({
  id: text(),
  hostName: text(),
  product: text(),
  gateways: list(text()),
  fingerprint: text(),
  version: text(),
  startedAt: millisecondsShape,
  seenAt: millisecondsShape,
  alive: boolean(),
  current: boolean(),
});

export interface ManagingServerList {
  servers: ManagingServer[];
}
export const managingServerListShape: Shape<ManagingServerList> = object({ servers: list(managingServerShape) });

/** Managing servers. */
import { Type } from 'typebox';
import { Milliseconds } from '../channel/scalars.schema.ts';

/** GET servers: one for each node that ever ran on this database. */
export const ManagingServer = Type.Object({
  id: Type.String(),
  hostName: Type.String(),
  product: Type.String(),
  /** Where agents reach it, `address:port`. */
  gateways: Type.Array(Type.String()),
  /** SHA-256 of the certificate it shows, hex. */
  fingerprint: Type.String(),
  version: Type.String(),
  startedAt: Milliseconds,
  seenAt: Milliseconds,
  /** Whether it reported recently. */
  alive: Type.Boolean(),
  /** Whether it answers this request. */
  current: Type.Boolean(),
});

export const ManagingServerList = Type.Object({ servers: Type.Array(ManagingServer) });

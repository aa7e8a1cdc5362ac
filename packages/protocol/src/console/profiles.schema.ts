/** What stays reachable from isolated endpoints. */
import { Type } from 'typebox';
import { Milliseconds } from '../channel/scalars.schema.ts';
import { Exception } from '../channel/exception.schema.ts';

/** PUT profiles/{name}. */
export const ProfileBody = Type.Object({
  exceptions: Type.Array(Exception, { maxItems: 64 }),
  dhcp: Type.Optional(Type.Boolean()),
});

export const Profile = Type.Object({
  name: Type.String(),
  exceptions: Type.Array(Exception),
  dhcp: Type.Boolean(),
  changedAt: Milliseconds,
});

export const ProfileList = Type.Object({ profiles: Type.Array(Profile) });

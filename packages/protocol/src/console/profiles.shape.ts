/** Generated from profiles.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, list, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { exceptionShape } from '../channel/exception.shape.ts';
import type { Exception } from '../channel/exception.shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** PUT profiles/{name}. */
export interface ProfileBody {
  exceptions: Exception[];
  dhcp?: boolean;
}

export interface Profile {
  name: string;
  exceptions: Exception[];
  dhcp: boolean;
  changedAt: Milliseconds;
}
export const profileShape: Shape<Profile> = object({
  name: text(),
  exceptions: list(exceptionShape),
  dhcp: boolean(),
  changedAt: millisecondsShape,
});

export interface ProfileList {
  profiles: Profile[];
}
export const profileListShape: Shape<ProfileList> = object({ profiles: list(profileShape) });

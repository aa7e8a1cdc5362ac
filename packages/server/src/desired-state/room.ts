/** Opens the desired-state room. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { BreakGlass } from './break-glass.ts';
import { DesiredStates } from './desired-states.ts';
import { DesiredStateSeal } from './seal.ts';

export interface DesiredStateRoom extends Room {
  readonly breakGlass: BreakGlass;
  readonly desiredStates: DesiredStates;
}

export function openDesiredStates({ database, now, sealer }: Base, audit: Audit): DesiredStateRoom {
  return {
    breakGlass: new BreakGlass({ database, audit, sealer, now }),
    desiredStates: new DesiredStates(database, new DesiredStateSeal(sealer)),
  };
}

/** Opens the reports room. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Room } from '../room.ts';
import { Reports } from './reports.ts';

export interface ReportsRoom extends Room {
  readonly reports: Reports;
}

export function openReports(
  { database, now }: Base,
  deps: { audit: Audit; desiredStates: DesiredStates },
): ReportsRoom {
  return { reports: new Reports({ ...deps, database, now }) };
}

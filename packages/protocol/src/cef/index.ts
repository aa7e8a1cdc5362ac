/** ArcSight Common Event Format, version 0, as Cordon writes it. */
export { cefOfAudit } from './audit.ts';
export { cefOfEvent } from './events.ts';
export { severityOf } from './severity.ts';

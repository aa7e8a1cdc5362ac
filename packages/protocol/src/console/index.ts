/**
 * The console API: what people do to a Cordon server beyond the Automation API, as JSON over HTTPS under `/api/v1`.
 *
 * A person signs in with POST `/api/v1/session` and sends `Authorization: Session <token>` afterwards. A browser signs
 * in with the header `X-Cordon-Console: 1`, is given a cookie that no script can read, and sends that header with every
 * change. Failures are `{ "error": { "reason", "message" } }` with a fitting HTTP status. Apex Central has none of this.
 */
export * from './accounts.shape.ts';
export * from './acts.shape.ts';
export * from './agents.shape.ts';
export * from './applications.shape.ts';
export * from './approvals.shape.ts';
export * from './audit.shape.ts';
export * from './commands.shape.ts';
export * from './detections.shape.ts';
export * from './enrolment.shape.ts';
export * from './events.shape.ts';
export * from './failure.shape.ts';
export * from './groups.shape.ts';
export * from './guard.shape.ts';
export * from './notifications.shape.ts';
export * from './objects.shape.ts';
export * from './overview.shape.ts';
export * from './profiles.shape.ts';
export * from './quarantine.shape.ts';
export * from './servers.shape.ts';
export * from './tasks.shape.ts';
export * from './events.ts';
export * from './list-filters.ts';
export * from './live.ts';
export * from './max-entity-ids.ts';
export * from './paths.ts';
export * from './release-command.ts';
export * from './roles.ts';
export * from './timeout-choices.ts';

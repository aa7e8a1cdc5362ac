/** The severity of an event, 0 to 10 as in CEF. */
import type { Happening } from '../console/events.ts';

const ofAction = {
  blocked: 8,
  quarantined: 8,
  logged: 6,
  restored: 4,
  // A listed object was detected, and not stopped.
  'held-back': 9,
  failed: 9,
  late: 9,
} as const;

export function severityOf(happening: Happening): number {
  switch (happening.kind) {
    case 'detection':
      return ofAction[happening.body.action];
    case 'endpoint.tampering':
      return 9;
    case 'break-glass.shown':
    case 'canary.halted':
      return 8;
    case 'approval.held':
    case 'command.failed':
    case 'endpoint.released-itself':
    case 'webhook.failing':
      return 7;
    case 'approval.approved':
    case 'approval.rejected':
      return 6;
    case 'command.done':
      return 5;
    case 'test':
      return 1;
  }
}

/** The kinds of events that webhooks and syslog get, and the body of each. */
import type { DetectionRecord } from './detections.shape.ts';
import type {
  BreakGlassShown,
  CanaryHalted,
  EndedCommand,
  EndpointReleasedItself,
  EndpointTampering,
  HeldAct,
  TestEvent,
  WebhookFailing,
} from './events.shape.ts';

export interface EventBodies {
  /** An agent detected a suspicious object. */
  detection: DetectionRecord;
  /** More agents than foreseen detected an object, so it is only logged now. */
  'canary.halted': CanaryHalted;
  /** An endpoint's kernel holds the desired state. */
  'command.done': EndedCommand;
  'command.failed': EndedCommand;
  /** The guard holds an act until a second person decides. */
  'approval.held': HeldAct;
  'approval.approved': HeldAct;
  'approval.rejected': HeldAct;
  /** Somebody changed the isolation's rules; the agent undid it. */
  'endpoint.tampering': EndpointTampering;
  /** An isolation ended without the server: by its deadline, or by a code typed at the endpoint. */
  'endpoint.released-itself': EndpointReleasedItself;
  /** A person was shown the code that releases an isolation. */
  'break-glass.shown': BreakGlassShown;
  /** A webhook could not be called for a day. */
  'webhook.failing': WebhookFailing;
  /** A person sent it to check whether events arrive. */
  test: TestEvent;
}

export type EventKind = keyof EventBodies;
export type EventBody<Kind extends EventKind> = EventBodies[Kind];

/** An event before it is sent: its kind, and the body that goes with that kind. */
export type Happening = { [Kind in EventKind]: { kind: Kind; at: number; body: EventBody<Kind> } }[EventKind];

export const eventKinds: readonly EventKind[] = [
  'detection',
  'canary.halted',
  'command.done',
  'command.failed',
  'approval.held',
  'approval.approved',
  'approval.rejected',
  'endpoint.tampering',
  'endpoint.released-itself',
  'break-glass.shown',
  'webhook.failing',
  'test',
];

/** What a webhook is called with, as JSON; the headers sign it (docs/operating/notifications.md). */
export interface WebhookCall {
  /** Grows from event to event. A `test` has 0. */
  readonly id: number;
  readonly type: EventKind;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

/** What an open page is notified of. */

export const liveKinds = ['agents', 'commands', 'approvals', 'detections', 'objects', 'tasks'] as const;
export type LiveKind = (typeof liveKinds)[number];

/**
 * GET events: server-sent events, each `data:` one of these. `ids` names agents. It is empty when there are too many, or
 * when the kind has none: anything shown of that kind may have changed.
 */
export interface LiveEvent {
  readonly kind: LiveKind;
  readonly ids: readonly string[];
}

/** What a page hears of while it is open. */

export const liveKinds = ['agents', 'commands', 'approvals', 'detections', 'objects', 'tasks'] as const;
export type LiveKind = (typeof liveKinds)[number];

/**
 * GET events: server-sent events, each `data:` one of these. `ids` names agents, and is empty when they are too many
 * to name or the kind has none: whatever is shown of that kind may have changed.
 */
export interface LiveEvent {
  readonly kind: LiveKind;
  readonly ids: readonly string[];
}

/** Events of this node, published after the commit. */
import type { DetectionRecord } from '@cordon/protocol/console';
import type { SealedDesiredState } from '../database/rows.ts';

/** Record first, then publish: an event never precedes its rows. */
export type ServerEvent =
  /** Desired states changed; the event carries their rows. */
  | { readonly kind: 'desired-changed'; readonly desired: readonly SealedDesiredState[] }
  /** Agents, by number, got a new epoch because a profile or a group changed. */
  | { readonly kind: 'desired-renewed'; readonly agents: readonly number[] }
  /** An act on agents, by ID, was performed, held, approved or rejected. */
  | { readonly kind: 'acts-changed'; readonly agents: readonly string[] }
  /** An agent connected or disconnected. */
  | { readonly kind: 'connection-changed'; readonly agent: string }
  | {
      readonly kind: 'report-recorded';
      readonly agent: { readonly number: number; readonly entityId: string };
      /** Time from the commit to a report that proves the isolation; undefined when it shows nothing new. */
      readonly isolatedAfterMs: number | undefined;
    }
  | { readonly kind: 'detections-recorded'; readonly records: readonly DetectionRecord[] }
  | { readonly kind: 'objects-changed'; readonly revision: number }
  /** A task was added, extended or cancelled. */
  | { readonly kind: 'task-changed'; readonly task: string }
  /** An agent reported progress of a task. */
  | { readonly kind: 'task-progressed'; readonly agent: string }
  /** Sessions ended, or lost permissions. */
  | { readonly kind: 'sessions-ended' };

export type EventOf<Kind extends ServerEvent['kind']> = Extract<ServerEvent, { kind: Kind }>;

/** The subscribers of each kind of event, in this order. */
export type Subscribers = { readonly [Kind in ServerEvent['kind']]: readonly ((event: EventOf<Kind>) => void)[] };

export type Publish = (event: ServerEvent) => void;

export class Events {
  #subscribers: Subscribers | undefined;

  /** Set once, when every room is open. */
  subscribe(subscribers: Subscribers): void {
    this.#subscribers = subscribers;
  }

  readonly publish: Publish = (event) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- found under the event's own kind
    const subscribers = this.#subscribers?.[event.kind] as readonly ((event: ServerEvent) => void)[] | undefined;
    for (const notify of subscribers ?? []) notify(event);
  };
}

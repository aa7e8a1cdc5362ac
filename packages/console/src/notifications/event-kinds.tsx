/** Names the kinds of events, and lets a person choose among them. */
import type { JSX } from 'preact';
import type { EventKind, Webhook } from '@cordon/protocol/console';
import { Tick } from '../forms/field.tsx';
import { tickedIn } from '../forms/form-data.ts';
import { inWords } from '../words/words.ts';

const words = {
  detection: 'Suspicious object detected',
  'canary.halted': 'Canary halted: object back to log-only',
  'command.done': 'Action succeeded',
  'command.failed': 'Action failed',
  'approval.held': 'Action awaiting approval',
  'approval.approved': 'Action approved',
  'approval.rejected': 'Action rejected',
  'endpoint.tampering': 'Isolation rules changed on an endpoint',
  'endpoint.released-itself': 'Isolation ended without the server',
  'break-glass.shown': 'Break-glass code viewed',
  'webhook.failing': 'Webhook failing for a day',
} as const satisfies Record<Exclude<EventKind, 'test'>, string>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
const kinds = Object.keys(words) as (keyof typeof words)[];

/** None ticked means all. */
export function KindChoice({ chosen }: { chosen: Webhook['kinds'] }): JSX.Element {
  return (
    <fieldset>
      <legend>Events</legend>
      {kinds.map((kind) => (
        <Tick key={kind} name={`kind-${kind}`} ticked={chosen.includes(kind)}>
          {words[kind]}
        </Tick>
      ))}
      <p class="quiet help">Select none to send all events, including those added in later versions.</p>
    </fieldset>
  );
}

export function kindsIn(fields: FormData): Webhook['kinds'] {
  return kinds.filter((kind) => tickedIn(fields, `kind-${kind}`));
}

/** A kind in words; one of a later version as it is. */
export function kindInWords(kind: string): string {
  const known = kinds.find((one) => one === kind);
  return known === undefined ? inWords(kind) : words[known];
}

/** "all" for an empty list. */
export function kindsInWords(chosen: Webhook['kinds']): string {
  return chosen.length === 0 ? 'all' : chosen.map(kindInWords).join(', ');
}

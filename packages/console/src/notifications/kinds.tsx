/** Kinds of events in words, and the choice among them. */
import type { JSX } from 'preact';
import type { EventKind, Webhook } from '@cordon/protocol/console';
import { Tick } from '../parts/field.tsx';
import { tickedIn } from '../parts/fields.ts';

const words = {
  detection: 'A suspicious object was met',
  'canary.halted': 'An object is only logged again, since too many endpoints met it',
  'command.done': 'An endpoint holds what was asked for',
  'command.failed': 'An endpoint could not do what was asked for',
  'approval.held': 'An act waits for a second person',
  'approval.approved': 'A second person approved an act',
  'approval.rejected': 'A second person rejected an act',
  'endpoint.tampering': 'Rules of an isolation were changed on an endpoint',
  'endpoint.released-itself': 'An isolation ended without the server',
  'break-glass.shown': 'A break-glass code was shown',
  'webhook.failing': 'A webhook could not be called for a day',
} as const satisfies Record<Exclude<EventKind, 'test'>, string>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
const kinds = Object.keys(words) as (keyof typeof words)[];

/** None ticked is all of them. */
export function KindChoice({ chosen }: { chosen: Webhook['kinds'] }): JSX.Element {
  return (
    <fieldset>
      <legend>Call it only when</legend>
      {kinds.map((kind) => (
        <Tick key={kind} name={`kind-${kind}`} ticked={chosen.includes(kind)}>
          {words[kind]}
        </Tick>
      ))}
      <p class="quiet help">With nothing ticked it is called for all of these, and for what later versions add.</p>
    </fieldset>
  );
}

export function kindsIn(fields: FormData): Webhook['kinds'] {
  return kinds.filter((kind) => tickedIn(fields, `kind-${kind}`));
}

/** `detection, command.done`; "all" for an empty list. */
export function kindsInWords(chosen: Webhook['kinds']): string {
  return chosen.length === 0 ? 'all' : chosen.join(', ');
}

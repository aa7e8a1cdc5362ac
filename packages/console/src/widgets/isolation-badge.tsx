/** The isolation status of an endpoint, as a badge. */
import type { JSX } from 'preact';
import type { ListedEndpoint } from '@cordon/protocol/console';
import { Badge } from './badge.tsx';
import type { Tone } from './badge.tsx';

const shown: Record<ListedEndpoint['isolation'], readonly [Tone, string]> = {
  normal: ['neutral', 'Normal'],
  isolating: ['warning', 'Isolating …'],
  isolated: ['danger', 'Isolated'],
  releasing: ['warning', 'Releasing …'],
  unsupported: ['neutral', 'Not supported'],
};

export const isolationChoices = Object.entries(shown).map(
  ([value, [, title]]) => [value, title.replace(' …', '')] as const,
);

/** The status in plain words; the API's term is shown on hover. */
export function IsolationBadge({ isolation }: { isolation: string }): JSX.Element {
  const [tone, title] = isKnown(isolation) ? shown[isolation] : (['neutral', isolation] as const);
  return (
    <span title={isolation}>
      <Badge tone={tone}>{title}</Badge>
    </span>
  );
}

export function OnlineMark({ online }: { online: boolean }): JSX.Element {
  return (
    <span class={online ? 'online' : 'offline'}>
      <i aria-hidden="true" />
      {online ? 'Online' : 'Offline'}
    </span>
  );
}

function isKnown(word: string): word is ListedEndpoint['isolation'] {
  return word in shown;
}

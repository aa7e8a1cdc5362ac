/** Whom an act touches, by name, before it is asked for. */
import type { JSX } from 'preact';
import { IsolationBadge } from '../endpoints/states.tsx';
import { Notice } from '../parts/notice.tsx';
import type { Act, Preview } from './perform.ts';

const does = {
  isolate: ['will be cut off from the network', 'will be cut off from the network'],
  release: ['gets its network back', 'get their network back'],
  uninstall: ['loses its agent, and can no longer be isolated', 'lose their agents, and can no longer be isolated'],
} as const;

export function Touched({ act, preview }: { act: Act; preview: Preview }): JSX.Element {
  const { outcome, problem } = preview;
  if (problem !== undefined) return <Notice kind="problem" text={problem} />;
  if (outcome === undefined) return <p class="quiet">Looking whom this touches …</p>;
  const { affected, leftOut, guard } = outcome;
  const [one, many] = does[act];
  return (
    <div>
      <p>
        <strong>
          {affected.length === 0
            ? 'Nobody is touched by this.'
            : `${affected.length} ${affected.length === 1 ? `endpoint ${one}` : `endpoints ${many}`}:`}
        </strong>
      </p>
      <ul class="touched" tabIndex={0}>
        {affected.map((agent) => (
          <li key={agent.agent}>
            {agent.hostName} <IsolationBadge isolation={agent.isolation} />
          </li>
        ))}
      </ul>
      {leftOut.map((agent) => (
        <Notice key={agent.agent} kind="note" text={`${agent.hostName} is left out: ${agent.why}`} />
      ))}
      {guard.map((reason) => (
        <Notice key={reason.message} kind="warning" text={`The guard will ask a second person. ${reason.message}`} />
      ))}
    </div>
  );
}

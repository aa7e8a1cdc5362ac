/** Lists the endpoints that an action would affect. */
import type { JSX } from 'preact';
import { IsolationBadge } from '../widgets/isolation-badge.tsx';
import { Notice } from '../widgets/notice.tsx';
import { countOf } from '../words/words.ts';
import { actWords } from './act-words.ts';
import type { Act, Preview } from './perform.ts';

export function AffectedEndpoints({ act, preview }: { act: Act; preview: Preview }): JSX.Element {
  const { outcome, problem } = preview;
  if (problem !== undefined) return <Notice kind="problem" text={problem} />;
  if (outcome === undefined) return <p class="quiet">Checking which endpoints are affected …</p>;
  const { affected, leftOut, notFound, guard } = outcome;
  const [one, many] = actWords[act].effects;
  return (
    <div>
      <p>
        <strong>
          {affected.length === 0
            ? 'No endpoints are affected.'
            : `${affected.length} ${affected.length === 1 ? `endpoint ${one}` : `endpoints ${many}`}:`}
        </strong>
      </p>
      <ul class="affected" tabIndex={0}>
        {affected.map((agent) => (
          <li key={agent.agent}>
            {agent.hostName} <IsolationBadge isolation={agent.isolation} />
          </li>
        ))}
      </ul>
      {leftOut.map((agent) => (
        <Notice key={agent.agent} kind="note" text={`${agent.hostName} is skipped: ${agent.why}`} />
      ))}
      {notFound.length === 0 ? null : (
        <Notice
          kind="note"
          text={`${countOf(notFound.length, 'endpoint')} no longer enrolled: ${notFound.join(', ')}`}
        />
      )}
      {guard.map((reason) => (
        <Notice
          key={reason.message}
          kind="warning"
          text={`This needs approval by a second person. ${reason.message}`}
        />
      ))}
    </div>
  );
}

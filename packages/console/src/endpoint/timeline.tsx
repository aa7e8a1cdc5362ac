/** The history of an endpoint, newest first: commands, detections and audit lines. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useThrottled } from '../browser/throttle.ts';
import { useLive } from '../calls/live.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { eventsOf, hasOlder, newer, older, unread } from './history.ts';
import type { Source } from './history.ts';

export function Timeline({ agent }: { agent: string }): JSX.Element {
  const { sources, problem, showOlder } = useHistory(agent);
  const events = eventsOf(sources);
  const isLoaded = sources !== unread;
  return (
    <section class="panel" aria-label="Timeline">
      <h2>Timeline</h2>
      <Notice kind="problem" text={problem} />
      {!isLoaded && problem === undefined ? <p class="quiet">Loading …</p> : null}
      {isLoaded && events.length === 0 ? <p class="quiet">No activity yet.</p> : null}
      <ol class="timeline">
        {events.map((one) => (
          <li key={one.key}>
            <Moment at={one.at} />
            <div>
              <strong class="text">{one.what}</strong> <span class="quiet">{one.who}</span>
              {one.detail === '' ? null : <p class="text">{one.detail}</p>}
            </div>
          </li>
        ))}
      </ol>
      {isLoaded && hasOlder(sources) ? (
        <button type="button" onClick={showOlder}>
          Show older
        </button>
      ) : null}
    </section>
  );
}

interface History {
  readonly sources: readonly Source[];
  readonly problem: string | undefined;
  readonly showOlder: () => void;
}

/** One load at a time: each starts from the result of the previous one. */
function useHistory(agent: string): History {
  const [sources, setSources] = useState(unread);
  const [problem, setProblem] = useState<string>();
  const newest = useRef(unread);
  const steps = useRef(Promise.resolve());
  const take = (step: typeof older): void => {
    steps.current = steps.current.then(async () => {
      try {
        newest.current = await step(newest.current, agent);
        setSources(newest.current);
        setProblem(undefined);
      } catch (error) {
        setProblem(messageOf(error));
      }
    });
  };
  const refresh = useThrottled(() => take(newer));
  useEffect(() => take(older), [agent]);
  useLive(['agents', 'detections'], (ids) => {
    if (ids.length === 0 || ids.includes(agent)) refresh();
  });
  return { sources, problem, showOlder: () => take(older) };
}

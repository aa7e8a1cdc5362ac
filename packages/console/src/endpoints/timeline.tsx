/** What happened to an endpoint, the newest first: commands, detections, and the lines of the audit that name it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AuditPage, CommandList, DetectionPage } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { sentenceOf } from '../calls/loaded.ts';
import { tookOf } from '../commands/page.tsx';
import { Notice } from '../parts/notice.tsx';
import { Moment } from '../parts/moment.tsx';
import { isLimited } from '../session/may.ts';

interface Happened {
  readonly key: string;
  readonly at: number;
  readonly what: string;
  readonly who: string;
  readonly detail: string;
}

/** Lines of the audit that are looked through; it is not kept by endpoint. */
const auditLines = 1000;
const shownAtMost = 200;

export function Timeline({ agent }: { agent: string }): JSX.Element {
  const [events, setEvents] = useState<readonly Happened[]>();
  const [problem, setProblem] = useState<string>();
  const load = async (): Promise<void> => {
    try {
      const parts = await Promise.all([commandsOf(agent), detectionsOf(agent), auditOf(agent)]);
      setEvents(sortedOf(parts.flat()));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  useEffect(() => void load(), [agent]);
  useLive(['agents', 'detections'], (ids) => {
    if (ids.length === 0 || ids.includes(agent)) void load();
  });
  return (
    <section class="panel" aria-label="Timeline">
      <h2>Timeline</h2>
      <Notice kind="problem" text={problem} />
      {events === undefined && problem === undefined ? <p class="quiet">Loading …</p> : null}
      {events?.length === 0 ? <p class="quiet">Nothing has happened to it yet.</p> : null}
      <ol class="timeline">
        {(events ?? []).map((one) => (
          <li key={one.key}>
            <Moment at={one.at} />
            <div>
              <strong>{one.what}</strong> <span class="quiet">{one.who}</span>
              {one.detail === '' ? null : <p>{one.detail}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function sortedOf(events: readonly Happened[]): Happened[] {
  return events.toSorted((a, b) => b.at - a.at).slice(0, shownAtMost);
}

async function commandsOf(agent: string): Promise<Happened[]> {
  const { commands } = await call<CommandList>('GET', withQuery(consolePaths.commands, { agent, limit: 200 }));
  return commands.map((one) => ({
    key: `command ${one.id}`,
    at: one.requestedAt,
    what: one.act,
    who: `asked by ${one.requestedBy}`,
    detail: [
      one.state,
      one.finishedAt === null ? '' : `after ${tookOf(one.finishedAt - one.requestedAt)}`,
      one.outcome ?? '',
    ]
      .filter((part) => part !== '')
      .join(', '),
  }));
}

async function detectionsOf(agent: string): Promise<Happened[]> {
  if (isLimited()) return [];
  const path = withQuery(consolePaths.detections, { agent, limit: 200 });
  const { detections } = await call<DetectionPage>('GET', path);
  return detections.map((one) => ({
    key: `detection ${one.id}`,
    at: one.receivedAt,
    what: `Detection: ${one.object.type} ${one.object.content}`,
    who: `seen by ${one.seenBy}`,
    detail: '',
  }));
}

async function auditOf(agent: string): Promise<Happened[]> {
  if (isLimited()) return [];
  const { lines } = await call<AuditPage>('GET', withQuery(consolePaths.audit, { limit: auditLines }));
  return lines
    .filter((line) => line.target.includes(agent) || line.actor === `agent:${agent}`)
    .map((line) => ({
      key: `audit ${line.id}`,
      at: line.at,
      what: `Audit: ${line.act}`,
      who: `${line.actor}, ${line.outcome}`,
      detail: line.detail,
    }));
}

/** Automation API Access Settings: who may call the Automation API, as both of the vendor's guides walk through it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { applicationDraftShape, applicationListShape, applicationWithKeyShape } from '@cordon/protocol/console';
import type { Application, ApplicationDraft, ApplicationWithKey } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { ShownOnce } from '../forms/shown-once.tsx';
import { ListPage } from '../list/list-page.tsx';
import { actsColumn } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import type { DoingState } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Badge } from '../widgets/badge.tsx';
import { Moment, spanOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { AccessSection } from './access-section.tsx';

/** What the page is about to do, or has just done. */
type Doing =
  | { readonly kind: 'add'; readonly draft: ApplicationDraft }
  | { readonly kind: 'edit' | 'rotate' | 'delete'; readonly application: Application }
  | { readonly kind: 'rotated'; readonly made: ApplicationWithKey };

export function ApplicationsPage(): JSX.Element {
  const list = useList(applications);
  const state = useDoing<Doing>(list.reload);
  const { doing, begin, done } = state;
  const [failed, setFailed] = useState<string>();
  const attempt = (work: () => Promise<void>): void => {
    setFailed(undefined);
    work().catch((error: unknown) => setFailed(messageOf(error)));
  };
  const add = async (): Promise<void> =>
    begin({ kind: 'add', draft: await read(applicationDraftShape, 'POST', `${consolePaths.applications}/draft`) });
  const toggle = async ({ id, enabled }: Application): Promise<void> => {
    await send('PATCH', `${consolePaths.applications}/${id}`, { body: { enabled: !enabled } });
    list.reload();
  };
  return (
    <ListPage
      spec={applications}
      list={list}
      above={
        <>
          <Notice kind="problem" text={failed} />
          {doing?.kind === 'add' ? <AccessSection draft={doing.draft} done={done} /> : null}
          {doing?.kind === 'edit' ? <AccessSection application={doing.application} done={done} /> : null}
        </>
      }
      buttons={
        <button type="button" class="primary" disabled={doing?.kind === 'add'} onClick={() => attempt(add)}>
          Add
        </button>
      }
      last={actsColumn<Application>((application) => [
        ['Edit', `Edit ${application.name}`, () => begin({ kind: 'edit', application })],
        [
          toggleWord(application),
          `${toggleWord(application)} ${application.name}`,
          () => attempt(() => toggle(application)),
        ],
        ['New key', `New key for ${application.name}`, () => begin({ kind: 'rotate', application })],
        ['Delete', `Delete ${application.name}`, () => begin({ kind: 'delete', application })],
      ])}
    >
      <Doings {...state} />
    </ListPage>
  );
}

function toggleWord({ enabled }: Application): string {
  return enabled ? 'Disable' : 'Enable';
}

const applications: ListSpec<Application> = {
  title: 'Automation API Access Settings',
  lead: 'External applications sign their requests with an application ID and API key from this page.',
  nouns: 'applications',
  load: wholeOf(applicationListShape, consolePaths.applications, (answer) => answer.applications),
  keyOf: (one) => one.id,
  columns: [
    { title: 'Application name', head: true, cell: (one) => one.name },
    { title: 'Application ID', cell: (one) => <code>{one.id}</code> },
    { title: 'API type', cell: (one) => one.apiType },
    {
      title: 'Status',
      cell: (one) => (one.enabled ? <Badge tone="good">Enabled</Badge> : <Badge tone="neutral">Disabled</Badge>),
    },
    { title: 'Communication time-out', cell: (one) => spanOf(one.timeoutSeconds * 1000) },
    { title: 'Added', cell: (one) => <Moment at={one.createdAt} /> },
    {
      title: 'Last used',
      cell: (one) => (
        <>
          <Moment at={one.lastUsedAt} ago />
          {one.lastUsedFrom === null ? null : <span class="quiet"> from {one.lastUsedFrom}</span>}
        </>
      ),
    },
  ],
  emptyHint: <p>Click Add to create an application ID and an API key.</p>,
};

function Doings({ doing, begin, close, done }: DoingState<Doing>): JSX.Element | null {
  if (doing?.kind === 'rotated') {
    return (
      <ShownOnce
        title={`New key for ${doing.made.application.name}`}
        label="API key"
        value={doing.made.apiKey}
        close={done}
      >
        Copy it now; it is not shown again. The old key no longer works.
      </ShownOnce>
    );
  }
  if (doing?.kind !== 'rotate' && doing?.kind !== 'delete') return null;
  const { id, name } = doing.application;
  const path = `${consolePaths.applications}/${id}`;
  const { title, act, text, perform } = {
    rotate: {
      title: `New key for ${name}`,
      act: 'Create a new key',
      text: 'The current key stops working immediately. Programs that use it are refused until they have the new one.',
      perform: async () =>
        begin({ kind: 'rotated', made: await read(applicationWithKeyShape, 'POST', `${path}/rotate`) }),
    },
    delete: {
      title: `Delete ${name}`,
      act: 'Delete application',
      text: 'Its requests are refused from now on, and its key cannot be recovered.',
      perform: () => send('DELETE', path),
    },
  }[doing.kind];
  return (
    <Confirm title={title} act={act} perform={perform} done={doing.kind === 'rotate' ? undefined : done} cancel={close}>
      <p>{text}</p>
      <LastUse application={doing.application} />
    </Confirm>
  );
}

function LastUse({ application }: { application: Application }): JSX.Element {
  const { lastUsedAt, lastUsedFrom } = application;
  if (lastUsedAt === null) return <p>It has never been used.</p>;
  return (
    <p>
      It was last used <Moment at={lastUsedAt} ago /> from {lastUsedFrom}.
    </p>
  );
}

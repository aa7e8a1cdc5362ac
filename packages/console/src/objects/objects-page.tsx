/** The suspicious objects page: the list, and files added by their hash without leaving the browser. */
import type { JSX } from 'preact';
import { listedObjectPageShape } from '@cordon/protocol/console';
import type { ListedObject } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { DropZone } from '../hashing/drop-zone.tsx';
import type { HashedFile } from '../hashing/hash-file.ts';
import { ListPage } from '../list/list-page.tsx';
import { useDoing } from '../list/use-doing.ts';
import { pagesOf, useList } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { may } from '../session/permissions.ts';
import { Badge } from '../widgets/badge.tsx';
import { ObjectLink } from '../widgets/links.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { choicesOf, inWords } from '../words/words.ts';
import { enforcedIn } from './enforced-in.ts';
import { NothingEnforced } from './nothing-enforced.tsx';
import { ObjectForm } from './object-form.tsx';

export function ObjectsPage(): JSX.Element {
  const list = useList(objects);
  const { doing, begin, close, done } = useDoing<{ readonly file?: HashedFile }>(list.reload);
  const add = (
    <button type="button" class="primary" onClick={() => begin({})}>
      Add manually
    </button>
  );
  return (
    <ListPage
      spec={objects}
      list={list}
      above={
        <>
          <NothingEnforced />
          {may('change-objects') ? <DropZone take={(file) => begin({ file })} /> : null}
        </>
      }
      buttons={may('change-objects') ? add : undefined}
    >
      {doing === undefined ? null : <ObjectForm file={doing.file} close={close} done={done} />}
    </ListPage>
  );
}

const objects: ListSpec<ListedObject> = {
  title: 'Suspicious objects',
  lead: 'Files, addresses, domains and URLs that agents log, block or quarantine.',
  nouns: 'objects',
  load: pagesOf(listedObjectPageShape, consolePaths.objects, (page) => page.objects, 'after'),
  live: ['objects', 'detections'],
  search: 'Value or note',
  filters: [
    {
      name: 'type',
      label: 'Type',
      any: 'Any type',
      choices: choicesOf(['file', 'file_sha1', 'ip', 'domain', 'url']),
    },
  ],
  keyOf: (row) => `${row.type} ${row.content}`,
  columns: [
    { title: 'Type', cell: (row) => inWords(row.type) },
    { title: 'Value', head: true, cell: (row) => <ObjectLink of={row} /> },
    {
      title: 'Scan action',
      cell: (row) => (
        <>
          <Badge tone={row.action === 'log' ? 'neutral' : 'warning'}>{inWords(row.action)}</Badge>
          {row.halted === null ? null : <span class="quiet"> canary halted: log-only</span>}
        </>
      ),
    },
    { title: 'Enforced in', cell: enforcedIn },
    { title: 'Note', cell: (row) => <span class="text">{row.notes}</span> },
    { title: 'Expires', cell: (row) => <Moment at={row.expiresAt} ago /> },
    { title: 'Detections', kind: 'number', cell: (row) => row.detections },
    { title: 'Quarantined', kind: 'number', cell: (row) => row.quarantined },
    { title: 'Last changed', cell: (row) => <Moment at={row.changedAt} ago /> },
  ],
  exported: {
    name: 'suspicious-objects',
    columns: [
      ['type', (row) => row.type],
      ['content', (row) => row.content],
      ['scan_action', (row) => row.action],
      ['notes', (row) => row.notes],
      ['expires_utc', (row) => (row.expiresAt === null ? '' : utcOf(row.expiresAt))],
      ['detections', (row) => row.detections],
      ['quarantined', (row) => row.quarantined],
      ['sha256', (row) => row.sha256],
      ['added_utc', (row) => utcOf(row.addedAt)],
    ],
  },
  emptyHint: <p>Drop a file above, add an object manually, or send one through the Automation API.</p>,
};

/** The groups page: how each group treats suspicious objects. Nothing is enforced unless a group says so. */
import type { JSX } from 'preact';
import { groupListShape } from '@cordon/protocol/console';
import type { Group, GroupBody } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Choice, Field } from '../forms/field.tsx';
import { numberIn, textIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { ListPage } from '../list/list-page.tsx';
import { actsColumn } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { countOf, inWords } from '../words/words.ts';

type Doing = { readonly kind: 'put'; readonly group?: Group } | { readonly kind: 'remove'; readonly group: Group };

const modes = [
  ['off', 'Off'],
  ['log', 'Log only'],
  ['enforce', 'Enforce'],
] as const;
const deadlines = [
  ['allow', 'Allow'],
  ['deny', 'Block'],
] as const;

export function GroupsPage(): JSX.Element {
  const list = useList(groups);
  const { doing, begin, close, done } = useDoing<Doing>(list.reload);
  return (
    <ListPage
      spec={groups}
      list={list}
      buttons={
        <button type="button" class="primary" onClick={() => begin({ kind: 'put' })}>
          Add a group
        </button>
      }
      last={actsColumn<Group>((group) => [
        ['Edit', `Edit ${group.name}`, () => begin({ kind: 'put', group })],
        ['Remove', `Remove ${group.name}`, () => begin({ kind: 'remove', group })],
      ])}
    >
      {doing?.kind === 'put' ? <GroupForm group={doing.group} cancel={close} done={done} /> : null}
      {doing?.kind === 'remove' ? (
        <Confirm
          title={`Remove ${doing.group.name}`}
          act={`Remove ${doing.group.name}`}
          perform={() => send('DELETE', pathOf(doing.group.name))}
          done={done}
          cancel={close}
        >
          <p>Only an empty group can be removed.</p>
        </Confirm>
      ) : null}
    </ListPage>
  );
}

const groups: ListSpec<Group> = {
  title: 'Groups',
  lead: 'How endpoints handle suspicious objects. Every endpoint starts in "default". Nothing is enforced until you turn it on for a group.',
  nouns: 'groups',
  load: wholeOf(groupListShape, consolePaths.groups, (answer) => answer.groups),
  keyOf: (row) => row.name,
  columns: [
    { title: 'Name', head: true, cell: (row) => row.name },
    { title: 'Endpoints', kind: 'number', cell: (row) => row.agents },
    { title: 'File open and execution', cell: (row) => inWords(row.settings.onAccess) },
    { title: 'Disk scans', cell: (row) => inWords(row.settings.sweep) },
    { title: 'Network', cell: (row) => inWords(row.settings.network) },
    { title: 'If a verdict times out', cell: (row) => (row.settings.execAtDeadline === 'deny' ? 'Block' : 'Allow') },
  ],
};

interface GroupFormProps {
  readonly group: Group | undefined;
  readonly cancel: () => void;
  readonly done: () => void;
}

function GroupForm({ group, cancel, done }: GroupFormProps): JSX.Element {
  const settings = group?.settings;
  const submit = async (fields: FormData): Promise<void> => {
    await send('PUT', pathOf(group?.name ?? textIn(fields, 'name').trim()), { body: bodyIn(fields) });
    done();
  };
  return (
    <DialogForm
      title={group === undefined ? 'Add a group' : `Edit ${group.name}`}
      act="Save"
      submit={submit}
      cancel={cancel}
    >
      {group === undefined ? <Field label="Name" name="name" required maxLength={64} /> : null}
      <Choice label="File open and execution" name="onAccess" value={settings?.onAccess} choices={modes} />
      <Choice label="Disk scans" name="sweep" value={settings?.sweep} choices={modes} />
      <Choice label="IP addresses, domains and URLs" name="network" value={settings?.network} choices={modes} />
      <Choice
        label="If a verdict times out"
        name="execAtDeadline"
        value={settings?.execAtDeadline}
        choices={deadlines}
      />
      <Field
        label="Scan speed limit (MB/s, 0 = unlimited)"
        name="megabytes"
        type="number"
        min={0}
        max={10_000}
        value={settings?.sweepMegabytesPerSecond ?? 0}
        required
      />
      {group === undefined ? null : (
        <p class="quiet">The change applies immediately to {countOf(group.agents, 'endpoint')}.</p>
      )}
    </DialogForm>
  );
}

function bodyIn(fields: FormData): GroupBody {
  const modeIn = (name: string): 'off' | 'log' | 'enforce' =>
    modes.find(([mode]) => mode === textIn(fields, name))?.[0] ?? 'off';
  return {
    onAccess: modeIn('onAccess'),
    sweep: modeIn('sweep'),
    network: modeIn('network'),
    execAtDeadline: textIn(fields, 'execAtDeadline') === 'deny' ? 'deny' : 'allow',
    sweepMegabytesPerSecond: numberIn(fields, 'megabytes') ?? 0,
  };
}

function pathOf(name: string): string {
  return `${consolePaths.groups}/${encodeURIComponent(name)}`;
}

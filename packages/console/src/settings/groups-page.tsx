/** The groups page: how each group treats suspicious objects. Nothing is enforced unless a group says so. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Group, GroupBody } from '@cordon/protocol/console';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Choice, Field } from '../forms/field.tsx';
import { numberIn, textIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';

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
  const { data, problem, reload } = useLoaded(groupListShape, consolePaths.groups);
  const [doing, setDoing] = useState<Doing>();
  const close = (): void => setDoing(undefined);
  const done = (): void => {
    close();
    void reload();
  };
  return (
    <>
      <h1>Groups</h1>
      <p class="lead">
        How endpoints handle suspicious objects. Every endpoint starts in "default". Nothing is enforced until you turn
        it on for a group.
      </p>
      <Notice kind="problem" text={problem} />
      <div class="bar">
        <button type="button" class="primary" onClick={() => setDoing({ kind: 'put' })}>
          Add a group
        </button>
      </div>
      <GroupTable groups={data?.groups ?? []} begin={setDoing} />
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
    </>
  );
}

function GroupTable({ groups, begin }: { groups: readonly Group[]; begin: (doing: Doing) => void }): JSX.Element {
  return (
    <Table
      label="Groups"
      rows={groups}
      keyOf={(row) => row.name}
      columns={[
        { title: 'Name', head: true, cell: (row) => row.name },
        { title: 'Endpoints', kind: 'number', cell: (row) => row.agents },
        { title: 'File open and execution', cell: (row) => row.settings.onAccess },
        { title: 'Disk scans', cell: (row) => row.settings.sweep },
        { title: 'Network', cell: (row) => row.settings.network },
        { title: 'Verdict timeout', cell: (row) => row.settings.execAtDeadline },
        {
          title: 'Actions',
          kind: 'acts',
          cell: (group) => (
            <>
              <button type="button" aria-label={`Edit ${group.name}`} onClick={() => begin({ kind: 'put', group })}>
                Edit
              </button>
              <button
                type="button"
                aria-label={`Remove ${group.name}`}
                onClick={() => begin({ kind: 'remove', group })}
              >
                Remove
              </button>
            </>
          ),
        },
      ]}
    />
  );
}

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
        <p class="quiet">
          The change applies immediately to {group.agents} {group.agents === 1 ? 'endpoint' : 'endpoints'}.
        </p>
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

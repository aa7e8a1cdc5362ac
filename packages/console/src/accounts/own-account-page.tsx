/** The signed-in person's account: password, second factor, open sessions. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { SessionRecord } from '@cordon/protocol/console';
import { sessionListShape, signedInShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Field } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../list/table.tsx';
import { begin } from '../session/session.ts';
import type { Me } from '../session/session.ts';
import { SecondFactor } from './second-factor.tsx';

export function OwnAccountPage({ me }: { me: Me }): JSX.Element {
  return (
    <>
      <h1>Your account</h1>
      <p class="lead">
        {me.user}, {me.role}
        {me.scope.length === 0 ? '' : `, limited to ${me.scope.join(', ')}`}
      </p>
      <PasswordPanel />
      <SecondFactor me={me} />
      <Sessions />
    </>
  );
}

/** Also shown to a person who must choose a password first. */
export function PasswordPanel(): JSX.Element {
  const [said, setSaid] = useState<string>();
  const change = async (fields: FormData): Promise<void> => {
    const [password, again] = [textIn(fields, 'password'), textIn(fields, 'again')];
    if (password !== again) throw new Error('The two new passwords differ.');
    const body = { current: textIn(fields, 'current'), password };
    const me = await read(signedInShape, 'POST', consolePaths.password, { body });
    setSaid('Password changed. All your other sessions have ended.');
    begin(me);
  };
  return (
    <section class="panel" aria-label="Password">
      <h2>Password</h2>
      <Form act="Change password" submit={change}>
        <Field label="Current password" name="current" type="password" required autocomplete="current-password" />
        <Field
          label="New password"
          name="password"
          type="password"
          required
          autocomplete="new-password"
          help="At least 12 characters."
        />
        <Field label="Confirm new password" name="again" type="password" required autocomplete="new-password" />
        <Notice kind="good" text={said} />
      </Form>
    </section>
  );
}

function Sessions(): JSX.Element {
  const { data, problem, reload } = useLoaded(sessionListShape, consolePaths.sessions);
  const end = async (path: string): Promise<void> => {
    await send('DELETE', path);
    await reload();
  };
  return (
    <section aria-label="Sessions">
      <h2 class="apart">Open sessions</h2>
      <Notice kind="problem" text={problem} />
      <Table
        label="Open sessions"
        rows={data?.sessions ?? []}
        keyOf={(row: SessionRecord) => row.id}
        columns={[
          { title: 'Kind', head: true, cell: (row) => (row.current ? `${row.kind} (this session)` : row.kind) },
          { title: 'From', cell: (row) => row.from },
          { title: 'Signed in', cell: (row) => <Moment at={row.createdAt} /> },
          { title: 'Last used', cell: (row) => <Moment at={row.lastUsedAt} ago /> },
          { title: 'Expires', cell: (row) => <Moment at={row.expiresAt} ago /> },
          {
            title: 'Actions',
            kind: 'acts',
            cell: (row) =>
              row.current ? null : (
                <button
                  type="button"
                  onClick={() => void end(`${consolePaths.sessions}/${encodeURIComponent(row.id)}`)}
                >
                  End session
                </button>
              ),
          },
        ]}
      />
      <div class="bar">
        <button type="button" onClick={() => void end(consolePaths.sessions)}>
          End all other sessions
        </button>
      </div>
    </section>
  );
}

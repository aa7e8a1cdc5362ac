/** The form that adds or changes an account. */
import type { JSX } from 'preact';
import { accountWithPasswordShape } from '@cordon/protocol/console';
import type { Account, AccountWithPassword, Role } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { Choice, Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';

const roles = [
  ['Administrator', 'Administrator: full access'],
  ['Operator', 'Operator: isolate, release, approve'],
  ['Viewer', 'Viewer: read-only'],
] as const;

interface AccountFormProps {
  readonly account?: Account;
  readonly close: () => void;
  readonly done: () => void;
  /** Called with the password of a new account. */
  readonly made: (answer: AccountWithPassword) => void;
}

export function AccountForm({ account, close, done, made }: AccountFormProps): JSX.Element {
  const submit = async (fields: FormData): Promise<void> => {
    const role = roleIn(fields);
    const scope = textIn(fields, 'scope')
      .split(/[\n,]/)
      .map((folder) => folder.trim())
      .filter((folder) => folder !== '');
    if (account === undefined) {
      const body = { user: textIn(fields, 'user').trim(), role, scope };
      made(await read(accountWithPasswordShape, 'POST', consolePaths.accounts, { body }));
    } else {
      const body = { role, scope, disabled: tickedIn(fields, 'disabled') };
      await send('PATCH', `${consolePaths.accounts}/${encodeURIComponent(account.user)}`, { body });
      done();
    }
  };
  return (
    <DialogForm
      title={account === undefined ? 'Add an account' : `Edit ${account.user}`}
      act={account === undefined ? 'Add account' : 'Save'}
      submit={submit}
      cancel={close}
    >
      {account === undefined ? (
        <Field
          label="User"
          name="user"
          required
          maxLength={64}
          help="Letters, digits and . _ @ - (stored in lower case)"
        />
      ) : null}
      <Choice label="Role" name="role" value={account?.role ?? 'Operator'} choices={roles} />
      <Field
        label="Folders"
        name="scope"
        value={account?.scope.join(', ') ?? ''}
        help="Separate folders with commas; subfolders are included. Leave empty for all."
        placeholder={'Workgroup\\Paris'}
      />
      {account === undefined ? null : (
        <Tick name="disabled" ticked={account.disabled}>
          Disabled (cannot sign in)
        </Tick>
      )}
    </DialogForm>
  );
}

function roleIn(fields: FormData): Role {
  const found = roles.find(([role]) => role === textIn(fields, 'role'));
  return found?.[0] ?? 'Viewer';
}

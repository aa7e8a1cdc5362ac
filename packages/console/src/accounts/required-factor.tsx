/** Which roles must have a second factor. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { accountSettingsShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Tick } from '../forms/field.tsx';
import { Form } from '../forms/form.tsx';
import { Notice } from '../widgets/notice.tsx';

const roles = ['Administrator', 'Operator', 'Viewer'] as const;

export function RequiredFactor(): JSX.Element | null {
  const { data } = useLoaded(accountSettingsShape, consolePaths.accountSettings);
  const [saved, setSaved] = useState<string>();
  if (data === undefined) return null;
  const save = async (fields: FormData): Promise<void> => {
    const requireTotp = roles.filter((role) => fields.getAll('role').includes(role));
    await send('PUT', consolePaths.accountSettings, { body: { requireTotp } });
    setSaved('Saved. Accounts without a second factor must set one up before they can continue.');
  };
  return (
    <section class="panel" aria-label="Second factor">
      <h2>Require a second factor for</h2>
      <Form act="Save" submit={save}>
        {roles.map((role) => (
          <Tick key={role} name="role" value={role} ticked={data.requireTotp.includes(role)}>
            {role}
          </Tick>
        ))}
        <Notice kind="good" text={saved} />
      </Form>
    </section>
  );
}

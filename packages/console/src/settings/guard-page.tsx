/** The guard page: how much one caller may do before a second person must approve. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { GuardSettings } from '@cordon/protocol/console';
import { guardSettingsShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Field, Tick } from '../forms/field.tsx';
import { numberIn, tickedIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { Notice } from '../widgets/notice.tsx';

export function GuardPage(): JSX.Element {
  const { data, problem } = useLoaded(guardSettingsShape, consolePaths.guard);
  const [saved, setSaved] = useState<string>();
  const save = async (fields: FormData): Promise<void> => {
    await send('PUT', consolePaths.guard, { body: settingsIn(fields) });
    setSaved('Saved. Applies to new actions.');
  };
  return (
    <>
      <h1>Guard</h1>
      <p class="lead">
        Limits how many endpoints one caller can isolate or uninstall. Actions beyond these limits need approval by a
        second person.
      </p>
      <Notice kind="problem" text={problem} />
      {data === undefined ? null : (
        <section class="panel" aria-label="Guard">
          <Form act="Save" submit={save}>
            <GuardFields settings={data} />
            <Notice kind="good" text={saved} />
          </Form>
        </section>
      )}
    </>
  );
}

function GuardFields({ settings: data }: { settings: GuardSettings }): JSX.Element {
  return (
    <>
      <Tick name="enabled" ticked={data.enabled}>
        Guard enabled
      </Tick>
      <Field
        label="Endpoints an application can isolate or uninstall per hour"
        name="perApplication"
        type="number"
        min={1}
        max={1_000_000}
        value={data.perApplicationPerHour}
        required
      />
      <Field
        label="Endpoints a person can isolate or uninstall per hour"
        name="perPerson"
        type="number"
        min={1}
        max={1_000_000}
        value={data.perPersonPerHour}
        required
      />
      <Field
        label="Maximum share of all endpoints isolated at the same time (%)"
        name="share"
        type="number"
        min={0}
        max={100}
        step="any"
        value={Math.round(data.shareOfFleet * 1e6) / 1e4}
        required
      />
      <Field
        label="Apply the percentage only above … isolated endpoints"
        name="above"
        type="number"
        min={0}
        max={1_000_000}
        value={data.shareCountsAbove}
        required
      />
    </>
  );
}

function settingsIn(fields: FormData): GuardSettings {
  return {
    enabled: tickedIn(fields, 'enabled'),
    perApplicationPerHour: numberIn(fields, 'perApplication') ?? 1,
    perPersonPerHour: numberIn(fields, 'perPerson') ?? 1,
    shareOfFleet: (numberIn(fields, 'share') ?? 0) / 100,
    shareCountsAbove: numberIn(fields, 'above') ?? 0,
  };
}

/** Application Access Settings: the section that adds or edits an application. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { timeoutChoices } from '@cordon/protocol/console';
import type { AddApplication, Application, ApplicationDraft } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { Choice, Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { Copy } from '../widgets/copy.tsx';
import { Facts } from '../widgets/facts.tsx';
import { spanOf } from '../widgets/moment.tsx';

interface AccessSectionProps {
  /** A new application: its ID and key are drafted, and nothing is saved yet. */
  readonly draft?: ApplicationDraft | undefined;
  /** An existing application. */
  readonly application?: Application | undefined;
  readonly done: () => void;
}

export function AccessSection({ draft, application, done }: AccessSectionProps): JSX.Element {
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), []);
  const save = async (fields: FormData): Promise<void> => {
    const desired = desiredIn(fields);
    if (application === undefined) {
      await send('POST', consolePaths.applications, { body: { ...desired, draft: draft?.draft } });
    } else await send('PATCH', `${consolePaths.applications}/${application.id}`, { body: desired });
    done();
  };
  const chosen = application?.timeoutSeconds ?? 300;
  const timeouts = [...new Set([...timeoutChoices, chosen])].sort((a, b) => a - b);
  return (
    <section class="panel" aria-labelledby="access-title" ref={section} tabIndex={-1}>
      <h2 id="access-title">Application Access Settings</h2>
      <Form act="Save" submit={save} cancel={done}>
        <Identity draft={draft} application={application} />
        <Tick name="enabled" ticked={application?.enabled === true}>
          Enable application integration using Apex Central Automation APIs
        </Tick>
        <Field label="Application name" name="name" required maxLength={64} value={application?.name} />
        <Choice
          label="Communication time-out"
          name="timeout"
          value={String(chosen)}
          choices={timeouts.map((seconds) => [String(seconds), timeoutInWords(seconds)])}
          help="Maximum age of a request, in seconds."
        />
      </Form>
    </section>
  );
}

function timeoutInWords(seconds: number): string {
  return `${seconds} seconds${seconds < 60 ? '' : ` (${spanOf(seconds * 1000)})`}`;
}

function Identity({ draft, application }: Omit<AccessSectionProps, 'done'>): JSX.Element {
  return (
    <Facts
      of={[
        ['Application ID', <Copy label="application ID" value={draft?.id ?? application?.id ?? ''} />],
        ['API key', <ApiKey draft={draft} />],
        ['API type', draft?.apiType ?? application?.apiType],
      ]}
    />
  );
}

function ApiKey({ draft }: Pick<AccessSectionProps, 'draft'>): JSX.Element {
  if (draft === undefined) {
    return <span class="quiet">Shown only when it was created. Use "New key" in the table to replace it.</span>;
  }
  return (
    <>
      <Copy label="API key" value={draft.apiKey} />
      <p class="quiet">Copy it now. It is not shown again after you save.</p>
    </>
  );
}

function desiredIn(fields: FormData): AddApplication {
  return {
    name: textIn(fields, 'name'),
    enabled: tickedIn(fields, 'enabled'),
    timeoutSeconds: Number(textIn(fields, 'timeout')),
  };
}

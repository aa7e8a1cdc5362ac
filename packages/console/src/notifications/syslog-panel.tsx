/** The settings of the syslog collector, which receives lines in CEF. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Syslog, SyslogSettings } from '@cordon/protocol/console';
import { syslogShape, syslogTestShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import { Choice, Field, Tick } from '../forms/field.tsx';
import { numberIn, textIn, tickedIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { Notice } from '../widgets/notice.tsx';

export function SyslogPanel(): JSX.Element {
  const { data, problem, reload } = useLoaded(syslogShape, consolePaths.syslog);
  const [said, setSaid] = useState<string>();
  const settings = data?.settings ?? undefined;
  const save = async (fields: FormData): Promise<void> => {
    await send('PUT', consolePaths.syslog, { body: settingsIn(fields, settings) });
    setSaid('Saved.');
    await reload();
  };
  const test = async (): Promise<void> => {
    const { sent, error } = await read(syslogTestShape, 'POST', `${consolePaths.syslog}/test`);
    setSaid(sent ? 'Test message sent.' : (error ?? 'The test message could not be sent.'));
  };
  const remove = async (): Promise<void> => {
    await send('DELETE', consolePaths.syslog);
    setSaid('Syslog disabled.');
    await reload();
  };
  const attempt = (work: () => Promise<void>) => (): void =>
    void work().catch((error: unknown) => setSaid(messageOf(error)));
  return (
    <section class="panel" aria-label="Syslog">
      <h2>Syslog</h2>
      <Notice kind="problem" text={problem} />
      <SyslogState syslog={data} />
      {data === undefined ? null : (
        <Form key={JSON.stringify(settings)} act="Save" submit={save}>
          <SyslogFields settings={settings} />
        </Form>
      )}
      <div class="bar">
        <button type="button" disabled={settings === undefined} onClick={attempt(test)}>
          Send a test message
        </button>
        <button type="button" disabled={settings === undefined} onClick={attempt(remove)}>
          Disable syslog
        </button>
        <span role="status">{said}</span>
      </div>
    </section>
  );
}

function SyslogFields({ settings }: { settings: SyslogSettings | undefined }): JSX.Element {
  return (
    <>
      <Field label="Collector" name="host" value={settings?.host} required maxLength={255} placeholder="siem.example" />
      <Field label="Port" name="port" type="number" min={1} max={65_535} value={settings?.port ?? 6514} required />
      <Choice
        label="Connection"
        name="protocol"
        value={settings?.protocol ?? 'tls'}
        choices={[
          ['tls', 'TLS'],
          ['tcp', 'TCP (unencrypted)'],
        ]}
      />
      <Tick name="audit" ticked={settings?.audit ?? true}>
        Include audit log
      </Tick>
    </>
  );
}

function SyslogState({ syslog }: { syslog: Syslog | undefined }): JSX.Element | null {
  const state = syslog?.state;
  if (state === undefined || state === null) return null;
  return (
    <p>
      {state.connected ? <Badge tone="good">connected</Badge> : <Badge tone="warning">not connected</Badge>}{' '}
      {state.behind} events and {state.auditBehind} audit entries queued. {state.lastError}
    </p>
  );
}

function settingsIn(fields: FormData, before: SyslogSettings | undefined): SyslogSettings {
  return {
    ca: null,
    kinds: [],
    facility: 16,
    ...before,
    host: textIn(fields, 'host').trim(),
    port: numberIn(fields, 'port') ?? 6514,
    protocol: textIn(fields, 'protocol') === 'tcp' ? 'tcp' : 'tls',
    audit: tickedIn(fields, 'audit'),
  };
}

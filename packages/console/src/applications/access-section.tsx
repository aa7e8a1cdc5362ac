/** Application Access Settings: the section that adds or edits an application. */
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AddApplication, Application, ApplicationDraft } from '@cordon/protocol/console';
import { timeoutChoices } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { Copy } from '../widgets/copy.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { spanOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';

interface AccessSectionProps {
  /** A new application: its ID and key are drafted, and nothing is saved yet. */
  readonly draft?: ApplicationDraft | undefined;
  /** An existing application. */
  readonly application?: Application | undefined;
  readonly done: () => void;
}

export function AccessSection({ draft, application, done }: AccessSectionProps): JSX.Element {
  const section = useRef<HTMLElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => section.current?.focus(), []);
  const save = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const desired = desiredIn(new FormData(event.currentTarget));
    try {
      if (application !== undefined) {
        await send('PATCH', `${consolePaths.applications}/${application.id}`, { body: desired });
      } else await send('POST', consolePaths.applications, { body: { ...desired, draft: draft?.draft } });
      done();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section class="panel" aria-labelledby="access-title" ref={section} tabIndex={-1}>
      <h2 id="access-title">Application Access Settings</h2>
      <form class="fields" onSubmit={(event) => void save(event)}>
        <Identity draft={draft} application={application} />
        <label class="check">
          <input type="checkbox" name="enabled" defaultChecked={application?.enabled === true} />
          Enable application integration using Apex Central Automation APIs
        </label>
        <label for="application-name">Application name</label>
        <input id="application-name" name="name" required maxLength={64} defaultValue={application?.name ?? ''} />
        <TimeoutChoice chosen={application?.timeoutSeconds ?? 300} />
        <Notice kind="problem" text={problem} />
        <div class="bar">
          <button type="submit" class="primary">
            Save
          </button>
          <button type="button" onClick={done}>
            Cancel
          </button>
        </div>
      </form>
    </section>
  );
}

function Identity({ draft, application }: Omit<AccessSectionProps, 'done'>): JSX.Element {
  return (
    <dl class="facts">
      <dt>Application ID</dt>
      <dd>
        <Copy label="application ID" value={draft?.id ?? application?.id ?? ''} />
      </dd>
      <dt>API key</dt>
      <dd>
        {draft === undefined ? (
          <span class="quiet">Shown only when it was created. Use "New key" in the table to replace it.</span>
        ) : (
          <>
            <Copy label="API key" value={draft.apiKey} />
            <p class="quiet">Copy it now. It is not shown again after you save.</p>
          </>
        )}
      </dd>
      <dt>API type</dt>
      <dd>{draft?.apiType ?? application?.apiType}</dd>
    </dl>
  );
}

function TimeoutChoice({ chosen }: { chosen: number }): JSX.Element {
  const choices = [...new Set([...timeoutChoices, chosen])].sort((a, b) => a - b);
  return (
    <>
      <label for="time-out">Communication time-out</label>
      <select id="time-out" name="timeout" aria-describedby="time-out-help">
        {choices.map((seconds) => (
          <option key={seconds} value={seconds} selected={seconds === chosen}>
            {seconds} seconds{seconds < 60 ? '' : ` (${spanOf(seconds * 1000)})`}
          </option>
        ))}
      </select>
      <p class="quiet" id="time-out-help">
        Maximum age of a request, in seconds.
      </p>
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

/** Confirms isolate, release or uninstall: shows the affected endpoints, then asks for a reason and an end. */
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import { profileListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Dialog } from '../forms/dialog.tsx';
import { Choice, Field } from '../forms/field.tsx';
import { numberIn, textIn } from '../forms/form-data.ts';
import { ReasonField, reasonIn } from '../forms/reason.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Link } from '../router/router.tsx';
import { actWords } from './act-words.ts';
import { performAll, usePreview } from './perform.ts';
import type { Act, Target } from './perform.ts';
import { AffectedEndpoints } from './affected-endpoints.tsx';

export type { Target } from './perform.ts';

interface ActDialogProps {
  readonly act: Act;
  readonly targets: readonly Target[];
  readonly close: () => void;
  readonly done: () => void;
}

export function ActDialog({ act, targets: given, close, done }: ActDialogProps): JSX.Element {
  // The page clears its selection once the action is done; the dialog keeps its targets from start to end.
  const [targets] = useState(given);
  const preview = usePreview(act, targets);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [held, setHeld] = useState<readonly ActOutcome[]>();
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const { outcomes, failure } = await performAll(act, targets, termsIn(act, new FormData(event.currentTarget)));
    setBusy(false);
    done();
    const waiting = outcomes.filter((one) => one.approval !== null);
    if (failure !== undefined) setProblem(messageOf(failure));
    else if (waiting.length > 0) setHeld(waiting);
    else close();
  };
  const count = preview.outcome?.affected.length ?? 0;
  const { title, verb, class: look } = actWords[act];
  const names = targets.length === 1 ? (targets[0]?.hostName ?? '') : `${targets.length} endpoints`;
  if (held !== undefined) return <Held outcomes={held} close={close} />;
  return (
    <Dialog title={`${title} ${names}`} close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <div class="body fields">
          <AffectedEndpoints act={act} preview={preview} />
          {act === 'isolate' ? <Terms /> : null}
          <ReasonField />
          <Notice kind="problem" text={problem} />
        </div>
        <footer>
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class={look} disabled={busy || count === 0}>
            {verb} {count === 1 ? (preview.outcome?.affected[0]?.hostName ?? '') : `${count} endpoints`}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

const lengths = [
  ['', 'Until released'],
  ['3600', '1 hour'],
  ['14400', '4 hours'],
  ['28800', '8 hours'],
  ['86400', '1 day'],
  ['604800', '7 days'],
] as const;

function Terms(): JSX.Element {
  const { data } = useLoaded(profileListShape, consolePaths.profiles);
  return (
    <>
      <Choice label="Ends" name="for" choices={lengths} />
      <Choice
        label="Allowed connections"
        name="profile"
        choices={[
          ['', 'Cordon servers only'],
          ...(data?.profiles ?? []).map(({ name }) => [name, `Profile ${name}`] as const),
        ]}
      />
      <Field label="Message to users of the endpoint" name="message" maxLength={256} />
    </>
  );
}

function Held({ outcomes, close }: { outcomes: readonly ActOutcome[]; close: () => void }): JSX.Element {
  return (
    <Dialog title="Approval required" close={close}>
      <div class="body">
        <p>The guard requires a second person to approve this. Nothing has been done yet.</p>
        <ul>
          {outcomes.map((one) => (
            <li key={one.approval}>
              Approval {one.approval} ({one.affected.map((agent) => agent.hostName).join(', ')}):{' '}
              {one.guard.map((reason) => reason.message).join(' ')}
            </li>
          ))}
        </ul>
        <p>
          Reviewers can approve it on the <Link to="/commands">Commands</Link> page.
        </p>
      </div>
      <footer>
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}

function termsIn(act: Act, fields: FormData): Omit<ActRequest, 'act' | 'selector'> {
  const [profile, message] = ['profile', 'message'].map((name) => textIn(fields, name).trim());
  const forSeconds = numberIn(fields, 'for');
  if (act !== 'isolate') return reasonIn(fields);
  return {
    ...reasonIn(fields),
    ...(forSeconds === undefined ? {} : { forSeconds }),
    ...(profile === undefined || profile === '' ? {} : { profile }),
    ...(message === undefined || message === '' ? {} : { message }),
  };
}

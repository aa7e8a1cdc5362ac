/** An action that the guard holds, with the buttons to approve or refuse it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { actOutcomeShape } from '@cordon/protocol/console';
import type { ActRequest, Approval } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { number, object, optional, text } from '@cordon/protocol/shape';
import { read, send } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Facts } from '../widgets/facts.tsx';
import { Moment, spanOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { may } from '../session/permissions.ts';
import { session } from '../session/session.ts';
import { actorInWords, countOf } from '../words/words.ts';

/** What a person chose for the isolation that waits. */
const termsShape = object<Pick<ActRequest, 'forSeconds' | 'profile' | 'message'>>({
  forSeconds: optional(number()),
  profile: optional(text()),
  message: optional(text()),
});

interface ApprovalCardProps {
  readonly approval: Approval;
  readonly decided: () => void;
}

export function ApprovalCard({ approval, decided }: ApprovalCardProps): JSX.Element {
  const [asks, setAsks] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { id, act, agents, hostNames } = approval;
  const path = `${consolePaths.approvals}/${id}`;
  const reject = async (): Promise<void> => {
    try {
      await send('POST', `${path}/reject`);
      decided();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  const others = agents - hostNames.length;
  const names = `${hostNames.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  const title = `Approve: ${act} ${agents === 1 ? names : `${agents} endpoints`}`;
  return (
    <section class="panel waiting" aria-label={`Approval ${id}`}>
      <h2>
        Approval {id}: {act} {countOf(agents, 'endpoint')}
      </h2>
      <Facts
        of={[
          ['Endpoints', names],
          [
            'Requested by',
            <>
              {actorInWords(approval.requestedBy)}, <Moment at={approval.requestedAt} ago />
            </>,
          ],
          ['Reason', approval.reason === '' ? <span class="quiet">none</span> : approval.reason],
          ['Why it needs approval', approval.reasons.map((one) => one.message).join(' ')],
          ['Options', termsText(approval.terms)],
          ['Expires', <Moment at={approval.expiresAt} ago />],
        ]}
      />
      <Notice kind="problem" text={problem} />
      <Decide approval={approval} approve={() => setAsks(true)} reject={() => void reject()} />
      {asks ? (
        <Confirm
          title={title}
          act={title}
          perform={async () => void (await read(actOutcomeShape, 'POST', `${path}/approve`))}
          done={decided}
          cancel={() => setAsks(false)}
        >
          <p>Approving runs this now, on exactly these endpoints:</p>
          <p>{names}</p>
        </Confirm>
      ) : null}
    </section>
  );
}

interface DecideProps {
  readonly approval: Approval;
  readonly approve: () => void;
  readonly reject: () => void;
}

function Decide({ approval, approve, reject }: DecideProps): JSX.Element {
  const known = session.value;
  const isOwn = known.state === 'known' && approval.requestedBy === `user:${known.me.user}`;
  if (!may('approve')) return <p class="quiet">Only operators and administrators can approve or reject this.</p>;
  return (
    <div class="bar">
      <button type="button" class="danger" disabled={isOwn} onClick={approve}>
        Approve …
      </button>
      <button type="button" onClick={reject}>
        {isOwn ? 'Cancel request' : 'Reject'}
      </button>
      {isOwn ? <span class="quiet">You requested this, so another person must approve it.</span> : null}
    </div>
  );
}

function termsText(terms: string): string {
  const { forSeconds, profile, message } = termsShape.read(JSON.parse(terms)) ?? {};
  const parts = [
    forSeconds === undefined ? undefined : `for ${spanOf(forSeconds * 1000)}`,
    profile === undefined ? undefined : `profile ${profile}`,
    message === undefined ? undefined : `message "${message}"`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

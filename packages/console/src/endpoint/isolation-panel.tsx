/** The receipt of an endpoint's isolation: what its kernel was proven to hold, when, and who signed it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reportShape, signedDocumentShape } from '@cordon/protocol/channel/documents';
import type { SignedDocument } from '@cordon/protocol/channel/documents';
import type { AgentDetails } from '@cordon/protocol/console';
import { signatureFits } from '../browser/ed25519.ts';
import { Badge } from '../widgets/badge.tsx';
import { Moment } from '../widgets/moment.tsx';

const levels: Readonly<Record<string, string>> = {
  'owner-persist': 'Persistent: stays in force if the agent stops',
  plain: 'Plain tables',
  simulated: 'Simulated: not enforced by a kernel',
};

const reportedStates: Readonly<Record<string, string>> = { unproven: 'not verified' };

export function Receipt({ details }: { details: AgentDetails }): JSX.Element {
  const { report, deadline, profile, message, desired } = details;
  const signed = report === null ? undefined : signedDocumentShape.read(JSON.parse(report));
  return (
    <section class="panel" aria-label="Isolation">
      <h2>Isolation</h2>
      <dl class="facts">
        <dt>Desired state</dt>
        <dd>
          {desired} (epoch {details.epoch})
        </dd>
        {desired === 'isolated' ? (
          <>
            <dt>Ends</dt>
            <dd>
              <Moment at={deadline} never="until released" />
            </dd>
            <dt>Allowed connections</dt>
            <dd>{profile === null ? 'Cordon servers only' : `profile ${profile} and the Cordon servers`}</dd>
          </>
        ) : null}
        {message === null ? null : (
          <>
            <dt>Message</dt>
            <dd>{message}</dd>
          </>
        )}
      </dl>
      <h3>Receipt</h3>
      {signed === undefined ? (
        <p class="quiet">The endpoint has not reported yet.</p>
      ) : (
        <Proved signed={signed} publicKey={details.publicKey} />
      )}
    </section>
  );
}

function Proved({ signed, publicKey }: { signed: SignedDocument; publicKey: string }): JSX.Element {
  const report = reportShape.read(JSON.parse(signed.document));
  if (report === undefined) return <p>This page cannot read the report. The agent may be newer than the server.</p>;
  const { proof, released } = report;
  return (
    <dl class="facts">
      <dt>Reported state</dt>
      <dd>
        {reportedStates[report.isolation] ?? report.isolation} (epoch {report.epoch})
      </dd>
      <dt>Reported</dt>
      <dd>
        <Moment at={report.at} />
      </dd>
      {proof === null ? (
        <>
          <dt>Verification</dt>
          <dd class="quiet">Not applicable while the endpoint is not isolated</dd>
        </>
      ) : (
        <>
          <dt>Enforcement</dt>
          <dd>
            {levels[proof.level] ?? proof.level}: {proof.chains} chains, {proof.rules} rules
            {proof.level === 'simulated' ? '' : ', read back from the kernel'}
          </dd>
          <dt>Packets</dt>
          <dd>
            {proof.packetsDropped.toLocaleString()} dropped, {proof.packetsAccepted.toLocaleString()} accepted
          </dd>
          <dt>Probes</dt>
          <dd>{proof.probes.map(({ probe, outcome }) => `${probe} ${outcome}`).join(', ')}</dd>
          <dt>Ruleset</dt>
          <dd>
            <code>SHA-256 {proof.digest}</code>
          </dd>
        </>
      )}
      {released === undefined ? null : (
        <>
          <dt>Released</dt>
          <dd>
            by {released.by}, <Moment at={released.at} />
          </dd>
        </>
      )}
      <dt>Signature</dt>
      <dd>
        <SignatureMark signed={signed} publicKey={publicKey} />
      </dd>
    </dl>
  );
}

function SignatureMark({ signed, publicKey }: { signed: SignedDocument; publicKey: string }): JSX.Element {
  const [fits, setFits] = useState<boolean | 'unknown'>();
  const { document: text, signature } = signed;
  useEffect(() => {
    let open = true;
    void signatureFits(publicKey, signature, `cordon report 1\n${text}`).then((answer) => {
      if (open) setFits(answer ?? 'unknown');
    });
    return () => {
      open = false;
    };
  }, [publicKey, signature, text]);
  if (fits === undefined) return <span class="quiet">Checking …</span>;
  if (fits === 'unknown')
    return <span class="quiet">This browser cannot check Ed25519 signatures; use "cordon agents show".</span>;
  if (!fits) return <Badge tone="danger">Invalid signature – do not trust this report</Badge>;
  return <Badge tone="good">Signature valid (verified in your browser)</Badge>;
}

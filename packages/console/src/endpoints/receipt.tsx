/** The receipt of an endpoint's isolation: what its kernel was proved to hold, when, and signed by whom. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AgentDetails } from '@cordon/protocol/console';
import { signatureFits } from '../calls/ed25519.ts';
import { Badge } from '../parts/badge.tsx';
import { Moment } from '../parts/moment.tsx';

/** As `Report` of the agent channel says, as far as it is shown. */
interface ShownReport {
  readonly isolation: string;
  readonly epoch: number;
  readonly at: number;
  readonly proof: {
    readonly digest: string;
    readonly level: string;
    readonly chains: number;
    readonly rules: number;
    readonly packetsAccepted: number;
    readonly packetsDropped: number;
    readonly probes: readonly { readonly probe: string; readonly outcome: string }[];
  } | null;
  readonly released?: { readonly by: string; readonly at: number };
}

interface Signed {
  readonly document: string;
  readonly signature: string;
}

const levels: Readonly<Record<string, string>> = {
  'owner-persist': 'Owned by the agent, and outliving it',
  plain: 'Plain tables',
  simulated: 'Simulated: no kernel is behind this',
};

export function Receipt({ details }: { details: AgentDetails }): JSX.Element {
  const { report, deadline, profile, message, desired } = details;
  const signed: Signed | undefined = report === null ? undefined : JSON.parse(report);
  return (
    <section class="panel" aria-label="Isolation">
      <h2>Isolation</h2>
      <dl class="facts">
        <dt>Wanted</dt>
        <dd>
          {desired} (epoch {details.epoch})
        </dd>
        {desired === 'isolated' ? (
          <>
            <dt>Ends</dt>
            <dd>
              <Moment at={deadline} never="when somebody releases it" />
            </dd>
            <dt>Stays reachable</dt>
            <dd>{profile === null ? 'the servers of Cordon' : `profile ${profile}, and the servers of Cordon`}</dd>
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
        <p class="quiet">The endpoint has reported nothing yet.</p>
      ) : (
        <Proved signed={signed} publicKey={details.publicKey} />
      )}
    </section>
  );
}

function Proved({ signed, publicKey }: { signed: Signed; publicKey: string }): JSX.Element {
  const report: ShownReport = JSON.parse(signed.document);
  const { proof, released } = report;
  return (
    <dl class="facts">
      <dt>Found</dt>
      <dd>
        {report.isolation} (epoch {report.epoch})
      </dd>
      <dt>When</dt>
      <dd>
        <Moment at={report.at} />
      </dd>
      {proof === null ? (
        <>
          <dt>Proved</dt>
          <dd class="quiet">nothing: only isolation is proved</dd>
        </>
      ) : (
        <>
          <dt>Held</dt>
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
          <dt>Lifted</dt>
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

function SignatureMark({ signed, publicKey }: { signed: Signed; publicKey: string }): JSX.Element {
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
    return <span class="quiet">This browser knows no Ed25519; "cordon agents show" checks it.</span>;
  if (!fits) return <Badge tone="danger">Does not fit the key of this agent: do not believe it</Badge>;
  return <Badge tone="good">Fits the key of this agent, checked in this browser</Badge>;
}

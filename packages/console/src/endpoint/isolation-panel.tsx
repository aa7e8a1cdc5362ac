/** The receipt of an endpoint's isolation: what its kernel was proven to hold, when, and who signed it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reportShape, signedDocumentShape } from '@cordon/protocol/channel/documents';
import type { Proof, SignedDocument } from '@cordon/protocol/channel/documents';
import type { AgentDetails } from '@cordon/protocol/console';
import { signatureFits } from '../browser/ed25519.ts';
import { Badge } from '../widgets/badge.tsx';
import { Facts } from '../widgets/facts.tsx';
import type { Fact } from '../widgets/facts.tsx';
import { Moment } from '../widgets/moment.tsx';
import { countOf, inWords } from '../words/words.ts';

const levels: Readonly<Record<string, string>> = {
  'owner-persist': 'Persistent: stays in force if the agent stops',
  plain: 'Plain tables',
  simulated: 'Simulated: not enforced by a kernel',
};

export function Receipt({ details }: { details: AgentDetails }): JSX.Element {
  const { report, deadline, profile, message, desired } = details;
  const signed = report === null ? undefined : signedDocumentShape.read(JSON.parse(report));
  const isIsolated = desired === 'isolated';
  return (
    <section class="panel" aria-label="Isolation">
      <h2>Isolation</h2>
      <Facts
        of={[
          ['Desired state', <span title={`Epoch ${details.epoch}`}>{inWords(desired)}</span>],
          isIsolated && ['Ends', <Moment at={deadline} never="Until released" />],
          isIsolated && [
            'Allowed connections',
            profile === null ? 'Cordon servers only' : `Profile ${profile} and the Cordon servers`,
          ],
          message !== null && ['Message', message],
        ]}
      />
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
    <Facts
      of={[
        ['Reported state', <span title={`Epoch ${report.epoch}`}>{inWords(report.isolation)}</span>],
        ['Reported', <Moment at={report.at} />],
        ...(proof === null ? [notApplicable] : factsOf(proof)),
        released !== undefined && [
          'Released',
          <>
            {inWords(released.by)}, <Moment at={released.at} />
          </>,
        ],
        ['Signature', <SignatureMark signed={signed} publicKey={publicKey} />],
      ]}
    />
  );
}

const notApplicable: Fact = [
  'Verification',
  <span class="quiet">Not applicable while the endpoint is not isolated</span>,
];

function factsOf(proof: Proof): Fact[] {
  const { level, chains, rules, packetsDropped, packetsAccepted, probes, digest } = proof;
  const size = `${countOf(chains, 'chain')}, ${countOf(rules, 'rule')}`;
  return [
    ['Enforcement', `${levels[level] ?? level}: ${size}${level === 'simulated' ? '' : ', read back from the kernel'}`],
    ['Packets', `${packetsDropped.toLocaleString()} dropped, ${packetsAccepted.toLocaleString()} accepted`],
    ['Probes', probes.map(({ probe, outcome }) => `${probe} ${outcome}`).join(', ')],
    ['Ruleset', <code>SHA-256 {digest}</code>],
  ];
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

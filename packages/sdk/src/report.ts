/** Reads an agent's signed report: the receipt of an isolation. */
import type { Proof, Report, SignedDocument } from '@cordon/protocol/channel/documents';
import { Fields, isRecord, parseJson } from './reading.ts';

type Known = 'epoch' | 'isolation' | 'proof' | 'problem' | 'at' | 'released' | 'tampering';

/**
 * What a report says, and the exact text that the agent signed. The server verified the signature before it stored the
 * report; `AgentDetails.publicKey` can verify it again.
 */
export interface AgentReport extends Pick<Report, Known> {
  readonly signed: SignedDocument;
}

/** From `AgentDetails.report`. Undefined for null, and for text that is no report. */
export function readReport(text: string | null): AgentReport | undefined {
  const outer = new Fields(parseJson(text ?? ''));
  const signed = { document: outer.text('document'), signature: outer.text('signature') };
  const value = parseJson(signed.document);
  if (!isRecord(value) || typeof value['isolation'] !== 'string') return undefined;
  const fields = new Fields(value);
  const isolation = fields.text('isolation');
  return {
    epoch: fields.number('epoch'),
    isolation: (['normal', 'isolated'] as const).find((known) => known === isolation) ?? 'unproven',
    proof: isRecord(value['proof']) ? readProof(fields.inner('proof')) : null,
    problem: fields.textOrNull('problem'),
    at: fields.number('at'),
    signed,
    ...(isRecord(value['released']) ? { released: readReleased(fields.inner('released')) } : {}),
    ...(isRecord(value['tampering']) ? { tampering: readTampering(fields.inner('tampering')) } : {}),
  };
}

function readProof(fields: Fields): Proof {
  const level = fields.text('level');
  return {
    digest: fields.text('digest'),
    level: (['owner-persist', 'simulated'] as const).find((known) => known === level) ?? 'plain',
    chains: fields.number('chains'),
    rules: fields.number('rules'),
    packetsAccepted: fields.number('packetsAccepted'),
    packetsDropped: fields.number('packetsDropped'),
    probes: fields.records('probes').map((one) => readProbe(new Fields(one))),
  };
}

/** An outcome that is new to this client proves nothing. */
function readProbe(fields: Fields): Proof['probes'][number] {
  const outcome = fields.text('outcome');
  return {
    probe: fields.text('probe'),
    outcome: (['refused', 'sent'] as const).find((known) => known === outcome) ?? 'unavailable',
  };
}

function readReleased(fields: Fields): NonNullable<Report['released']> {
  return { by: fields.text('by') === 'break-glass' ? 'break-glass' : 'deadline', at: fields.number('at') };
}

function readTampering(fields: Fields): NonNullable<Report['tampering']> {
  return { count: fields.number('count'), lastAt: fields.number('lastAt') };
}

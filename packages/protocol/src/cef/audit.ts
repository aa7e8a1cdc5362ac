/** Formats an audit line as CEF. */
import type { AuditLine } from '../console/audit.shape.ts';
import { addressField } from './address.ts';
import { cefLine } from './line.ts';

export function cefOfAudit(line: AuditLine, version: string): string {
  const head = { version, classId: line.act, name: `${line.act} ${line.outcome}`, severity: severity(line) };
  return cefLine(head, [
    ['rt', String(line.at)],
    ['externalId', String(line.id)],
    ['suser', line.actor],
    ...addressField('source', line.source),
    ['cs1Label', 'target'],
    ['cs1', line.target],
    ['outcome', line.outcome],
    ['cs2Label', 'detail'],
    ['cs2', line.detail],
    ['cs3Label', 'request'],
    ['cs3', line.requestId],
    ['cs4Label', 'hash'],
    ['cs4', line.hash],
  ]);
}

const acts: Readonly<Record<string, number>> = {
  isolate: 5,
  release: 5,
  uninstall: 6,
  approve: 6,
  'show-break-glass': 8,
};

/** 0 to 10: guard holds and break-glass rank highest, then refusals. */
function severity({ act, outcome }: AuditLine): number {
  if (act.startsWith('hold-')) return 7;
  if (outcome !== 'done') return 6;
  return acts[act] ?? 3;
}

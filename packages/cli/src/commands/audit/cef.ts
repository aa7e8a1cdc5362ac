/** Writes a line of the audit as ArcSight Common Event Format, version 0. */
import { isIPv4, isIPv6 } from 'node:net';
import type { AuditLine } from '@cordon/protocol/console';
import { printable } from '../../text.ts';

export function cefLine(line: AuditLine, version: string): string {
  const name = `${line.act} ${line.outcome}`;
  const head = ['Cordon', 'Cordon', version, line.act, name, String(severityOf(line))].map(inHeader);
  const fields = [
    ['rt', String(line.at)],
    ['externalId', String(line.id)],
    ['suser', line.actor],
    ...sourceOf(line),
    ['cs1Label', 'target'],
    ['cs1', line.target],
    ['outcome', line.outcome],
    ['cs2Label', 'detail'],
    ['cs2', line.detail],
    ['cs3Label', 'request'],
    ['cs3', line.requestId],
    ['cs4Label', 'hash'],
    ['cs4', line.hash],
  ] as const;
  return `CEF:0|${head.join('|')}|${fields.map(([key, value]) => `${key}=${inExtension(value)}`).join(' ')}`;
}

/** CEF 0 has `src` for IPv4 only. */
function sourceOf({ source }: AuditLine): readonly (readonly [string, string])[] {
  if (isIPv4(source)) return [['src', source]];
  if (!isIPv6(source)) return [];
  return [
    ['c6a2Label', 'Source IPv6 Address'],
    ['c6a2', source],
  ];
}

const acts: Readonly<Record<string, number>> = {
  isolate: 5,
  restore: 5,
  uninstall: 6,
  approve: 6,
  'show-break-glass': 8,
};

/** 0 to 10: what the guard held and what breaks glass is looked at first, then what was refused. */
function severityOf({ act, outcome }: AuditLine): number {
  if (act.startsWith('hold-')) return 7;
  if (outcome !== 'done') return 6;
  return acts[act] ?? 3;
}

/** Pipes part the header's fields, and a header is one line. */
function inHeader(text: string): string {
  return printable(text).replaceAll(/[\\|]/g, String.raw`\$&`);
}

/** Line breaks may stand in a value, escaped; other controls may not. */
function inExtension(text: string): string {
  const escaped = text.replaceAll(/[\\=]/g, String.raw`\$&`).replaceAll('\r', String.raw`\r`);
  return printable(escaped.replaceAll('\n', String.raw`\n`));
}

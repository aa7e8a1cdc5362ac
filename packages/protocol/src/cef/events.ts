/** Formats an event as CEF: standard fields where they exist, labelled custom fields otherwise. */
import type { EventBody, Happening } from '../console/events.ts';
import { addressField } from './address.ts';
import { atMost, cefLine } from './line.ts';
import type { CefField } from './line.ts';
import { severityOf } from './severity.ts';

type Detected = EventBody<'detection'>;

/** Collectors truncate or refuse lines of more than 8 KiB; the console has the full text. */
const longest: Readonly<Record<string, number>> = {
  filePath: 1023,
  sproc: 500,
  cs1: 500,
  cs2: 500,
  cs4: 500,
  msg: 500,
};
const longestName = 255;

/** `id` is the event's, so that a collector can drop duplicates. */
export function cefOfEvent(id: number, happening: Happening, version: string): string {
  const head = { version, classId: happening.kind, name: nameOf(happening), severity: severityOf(happening) };
  const given = fieldsOf(happening).filter(([, value]) => value !== '');
  const fields: CefField[] = [['rt', String(happening.at)], ['externalId', String(id)], ...given];
  return cefLine(head, fields.map(bounded));
}

function bounded([key, value]: CefField): CefField {
  return [key, atMost(value, longest[key] ?? longestName)];
}

function nameOf(happening: Happening): string {
  switch (happening.kind) {
    case 'detection':
      return `Suspicious object ${happening.body.action}`;
    case 'canary.halted':
      return 'Canary halted';
    case 'command.done':
      return `${happening.body.act} done`;
    case 'command.failed':
      return `${happening.body.act} failed`;
    case 'approval.held':
      return `${happening.body.act} waits for approval`;
    case 'approval.approved':
      return `${happening.body.act} approved`;
    case 'approval.rejected':
      return `${happening.body.act} rejected`;
    case 'endpoint.tampering':
      return 'Isolation tampered with';
    case 'endpoint.released-itself':
      return 'Isolation ended at the endpoint';
    case 'break-glass.shown':
      return 'Break-glass code shown';
    case 'webhook.failing':
      return 'Webhook failing';
    case 'test':
      return 'Test';
  }
}

function fieldsOf(happening: Happening): readonly CefField[] {
  switch (happening.kind) {
    case 'detection':
      return ofDetection(happening.body);
    case 'canary.halted':
      return [
        ...labelled(1, 'object', `${happening.body.type} ${happening.body.content}`),
        ['msg', happening.body.message],
      ];
    case 'command.done':
    case 'command.failed':
      return ofCommand(happening.kind === 'command.done' ? 'done' : 'failed', happening.body);
    case 'approval.held':
    case 'approval.approved':
    case 'approval.rejected':
      return ofApproval(happening.kind.slice('approval.'.length), happening.body);
    case 'endpoint.tampering':
      return [...endpoint(happening.body), ['cnt', String(happening.body.count)]];
    case 'endpoint.released-itself':
      return [...endpoint(happening.body), ['reason', happening.body.by]];
    case 'break-glass.shown':
      return [...endpoint(happening.body), ['suser', happening.body.shownTo]];
    case 'webhook.failing':
      return [...labelled(1, 'webhook', `${happening.body.name} ${happening.body.id}`), ['msg', happening.body.error]];
    case 'test':
      return [['suser', happening.body.requestedBy]];
  }
}

function ofDetection(body: Detected): readonly CefField[] {
  const { file, process, user, remote } = body;
  return [
    ...endpoint(body),
    ['act', body.action],
    ['cnt', String(body.count)],
    ...labelled(1, 'object', `${body.object.type} ${body.object.content}`),
    ...labelled(2, 'seen by', body.detectedBy),
    ...(file === null ? [] : ofFile(file)),
    ...(process === null ? [] : ofProcess(process)),
    ...(user === null
      ? []
      : ([
          ['suser', user.name],
          ['suid', String(user.id)],
        ] as const)),
    ...(remote === null ? [] : ofRemote(remote)),
    ['msg', body.remark ?? ''],
  ];
}

function ofFile(file: NonNullable<Detected['file']>): readonly CefField[] {
  return [
    ['fname', file.path.text.slice(file.path.text.lastIndexOf('/') + 1)],
    ['filePath', file.path.text],
    ['fileHash', file.sha1],
    ['fsize', String(file.size)],
    ...labelled(3, 'quarantine', file.quarantine ?? ''),
  ];
}

function ofProcess(process: NonNullable<Detected['process']>): readonly CefField[] {
  return [
    ['spid', String(process.pid)],
    ['sproc', process.executable === '' ? process.name : process.executable],
    ...labelled(4, 'command line', process.commandLine),
  ];
}

function ofRemote(remote: NonNullable<Detected['remote']>): readonly CefField[] {
  const isOut = remote.direction === 'out';
  return [
    ['deviceDirection', isOut ? '1' : '0'],
    ['proto', remote.protocol],
    ...addressField(isOut ? 'destination' : 'source', remote.address),
    [isOut ? 'dpt' : 'spt', remote.port === null ? '' : String(remote.port)],
    [isOut ? 'dhost' : 'shost', remote.name ?? ''],
  ];
}

function ofCommand(outcome: string, body: EventBody<'command.done'>): readonly CefField[] {
  return [
    ...endpoint(body),
    ['act', body.act],
    ['outcome', outcome],
    ['suser', body.requestedBy],
    ...labelled(1, 'command', String(body.id)),
    ['msg', body.outcome ?? ''],
  ];
}

function ofApproval(outcome: string, body: EventBody<'approval.held'>): readonly CefField[] {
  return [
    ['act', body.act],
    ['outcome', outcome],
    ['suser', body.requestedBy],
    ['duser', body.decidedBy ?? ''],
    ['cnt', String(body.agents)],
    ...labelled(1, 'approval', String(body.id)),
    ...labelled(2, 'endpoints', body.hostNames.join(', ')),
    ['reason', body.reason],
    ['msg', body.reasons.map((one) => one.message).join(' ')],
  ];
}

function endpoint(body: { agent: string; hostName: string }): readonly CefField[] {
  return [
    ['dvchost', body.hostName],
    ['deviceExternalId', body.agent],
  ];
}

/** A label without a value would be read as a value. */
function labelled(number: 1 | 2 | 3 | 4, label: string, value: string): readonly CefField[] {
  if (value === '') return [];
  return [
    [`cs${number}Label`, label],
    [`cs${number}`, value],
  ];
}

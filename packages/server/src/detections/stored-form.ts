/** What is stored of a detection, and in which form. Its text is hostile: limited here, and treated as data after. */
import type { Detection, ProcessInfo } from '@cordon/protocol/channel';
import type { DetectionRecord } from '@cordon/protocol/console';
import type { Row } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';

/** Detections of one agent stored one by one within an hour; similar ones beyond that share a row and its count. */
export const keptPerHour = 2000;
/** Folded rows of one agent and hour, each for one object; further objects are added to the first of them. */
export const maxFolded = 50;

export const hour = 3_600_000;
/** Equal ones within a minute are sent once; a higher count per minute is false and must not distort sums. */
const maxCounted = 1_000_000_000;
const maxCommandCharacters = 1024;
const maxSearchCharacters = 2000;
/** JSON of the processes besides the detected one. */
const maxUsersCharacters = 8000;

export type DetectionRow = Row<'detections'>;

/** Which agent sent a detection, and when it arrived. */
export interface Receipt {
  readonly number: number;
  readonly entityId: string;
  readonly hostName: string;
  readonly spool: string;
  readonly at: number;
}

/** Divides `fresh` into what is stored one by one in this hour, and what is folded. */
export function divided(
  fresh: readonly Detection[],
  storedThisHour: number,
): { kept: readonly Detection[]; folded: readonly Detection[] } {
  const left = Math.max(0, keptPerHour - storedThisHour);
  return { kept: fresh.slice(0, left), folded: fresh.slice(left) };
}

/** What is new in a batch: after `after`, each sequence number once, in order. */
export function freshOf(detections: readonly Detection[], after: number): Detection[] {
  const bySequence = new Map(detections.filter((one) => one.sequence > after).map((one) => [one.sequence, one]));
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

/** One detection for all of `many`, which are of one object. */
export function foldedInto(many: readonly [Detection, ...Detection[]]): Detection {
  const [first] = many;
  const count = countOf(many);
  const remark =
    `Stands for ${count} detections: this agent sent more than ${keptPerHour} within the hour, ` +
    'and the rest of them is only counted.';
  return { ...first, count, remark };
}

export function countOf(many: readonly Detection[]): number {
  return Math.min(
    maxCounted,
    many.reduce((sum, one) => sum + Math.min(one.count, maxCounted), 0),
  );
}

export function rowOf(detection: Detection, id: number, more: { receipt: Receipt; folded: 0 | 1 }): DetectionRow {
  const { receipt, folded } = more;
  const body = bounded(detection);
  return {
    id,
    agent_number: receipt.number,
    spool: receipt.spool,
    sequence: body.sequence,
    received_at: receipt.at,
    at: body.at,
    detected_by: body.detectedBy,
    object_type: body.object.type,
    object_content: storable(body.object.content),
    action: body.action,
    count: body.count,
    folded,
    search: searchText(body, receipt.hostName),
    body: toJson(body),
  };
}

/** A stored detection as people see it. */
export function recordOf(row: Pick<DetectionRow, 'id' | 'received_at' | 'count' | 'body'>, of: Named): DetectionRecord {
  const body = fromJson(row.body);
  return {
    ...body,
    count: row.count,
    id: row.id,
    agent: of.entity_id,
    hostName: of.host_name,
    receivedAt: row.received_at,
  };
}

interface Named {
  readonly entity_id: string;
  readonly host_name: string;
}

/** PostgreSQL cannot store a NUL, and no honest text contains one. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '');
}

/** Field by field, so that nothing outside the contract is stored. */
function bounded(detection: Detection): Detection {
  const { sequence, at, detectedBy, object, action, remark, file, process, user, remote } = detection;
  const count = Math.min(detection.count, maxCounted);
  return {
    sequence,
    at,
    detectedBy,
    action,
    remark,
    count,
    object: { type: object.type, content: object.content },
    file: file === null ? null : { ...picked(file), usedBy: boundedUsers(file.usedBy) },
    process: process === null ? null : boundedProcess(process),
    user: user === null ? null : { id: user.id, name: user.name },
    remote: remote === null ? null : boundedRemote(remote),
  };
}

function picked(file: NonNullable<Detection['file']>): Omit<NonNullable<Detection['file']>, 'usedBy'> {
  const { path, sha1, size, device, inode, otherLinks, quarantine } = file;
  const { text, bytes } = path;
  return {
    path: { text, ...(bytes === undefined ? {} : { bytes }) },
    sha1,
    size,
    device,
    inode,
    otherLinks,
    quarantine,
  };
}

/** As many as fit, in the order in which the endpoint saw them. */
function boundedUsers(users: readonly ProcessInfo[]): ProcessInfo[] {
  let left = maxUsersCharacters;
  return users.map(boundedProcess).filter((one) => (left -= JSON.stringify(one).length) >= 0);
}

function boundedProcess({ pid, startedAt, name, executable, commandLine }: ProcessInfo): ProcessInfo {
  return { pid, startedAt, name, executable, commandLine: commandLine.slice(0, maxCommandCharacters) };
}

function boundedRemote(remote: NonNullable<Detection['remote']>): NonNullable<Detection['remote']> {
  const { direction, protocol, address, port, name } = remote;
  return { direction, protocol, address, port, name };
}

function searchText({ file, process, user, remote, remark }: Detection, hostName: string): string {
  const ofProcess = [process?.name, process?.executable];
  const beside = [user?.name, remote?.address, remote?.name, remark, process?.commandLine];
  const parts = [hostName, file?.path.text, file?.sha1, ...ofProcess, ...beside];
  const text = parts.filter((part) => part !== undefined && part !== null).join('\n');
  return storable(text.toLowerCase()).slice(0, maxSearchCharacters);
}

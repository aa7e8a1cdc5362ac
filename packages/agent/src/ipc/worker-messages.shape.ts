/** Generated from worker-messages.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { anyOf, boolean, integer, list, nullable, object, oneOf, optional, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { copyShape, countShape, matchShape, objectNameShape, processNameShape } from '@cordon/protocol/channel';
import type { Copy, Count, Match, ObjectName, ProcessName } from '@cordon/protocol/channel';

/** One listed file, as this agent treats it: group, canary and mode are already in `action`. */
export interface FileRule {
  /** The type under which it is listed. */
  type: 'file' | 'file_sha1';
  sha1: string;
  /** Bytes; null when only the hash is known. */
  size: Count | null;
  action: 'log' | 'block' | 'quarantine';
  /** Milliseconds since 1970. Each process that holds the rule drops it at that very time. */
  expiresAt: Count | null;
  /** A person confirmed it: files of packages and shells are not protected from it. Loaders and Cordon's own always are. */
  confirmed: boolean;
}
export const fileRuleShape: Shape<FileRule> = object({
  type: oneOf(['file', 'file_sha1']),
  sha1: text({ pattern: '^[0-9A-F]{40}$' }),
  size: nullable(countShape),
  action: oneOf(['log', 'block', 'quarantine']),
  expiresAt: nullable(countShape),
  confirmed: boolean(),
});

/** All rules; at most one for each SHA-1. */
export interface Rules {
  type: 'rules';
  revision: Count;
  files: FileRule[];
}
export const rulesShape: Shape<Rules> = object({
  type: oneOf(['rules']),
  revision: countShape,
  files: list(fileRuleShape),
});

/** Rules added, replaced and removed since `after`. A worker with other rules says `hello` again and gets all. */
export interface RulesChanged {
  type: 'rules-changed';
  after: Count;
  revision: Count;
  put: FileRule[];
  remove: string[];
}
export const rulesChangedShape: Shape<RulesChanged> = object({
  type: oneOf(['rules-changed']),
  after: countShape,
  revision: countShape,
  put: list(fileRuleShape),
  remove: list(text({ pattern: '^[0-9A-F]{40}$' })),
});

/**
 * Files that are never blocked or taken: numbers of 48 bits, big-endian, sorted, as Float64 little-endian in base64
 * (fs/file-keys.ts). They name paths as this host sees them, and the files themselves. `package` holds files of installed
 * packages and shells; `always` holds loaders and Cordon's own. A path counts only if it leads to the very inode.
 */
export interface ProtectedFiles {
  type: 'protected-files';
  package: string;
  always: string;
}
export const protectedFilesShape: Shape<ProtectedFiles> = object({
  type: oneOf(['protected-files']),
  package: text(),
  always: text(),
});

export type ToOnAccess =
  | Rules
  | RulesChanged
  | ProtectedFiles
  | {
      type: 'on-access-settings';
      /** `log` allows everything, and reports matches. */
      mode: 'off' | 'log' | 'enforce';
      execAtDeadline: 'allow' | 'deny';
      /** Milliseconds until an opening without a decision is allowed. */
      deadline: number;
    }
  | { type: 'trusted'; processes: ProcessName[] };
export const toOnAccessShape: Shape<ToOnAccess> = anyOf(
  rulesShape,
  rulesChangedShape,
  protectedFilesShape,
  object({
    type: oneOf(['on-access-settings']),
    mode: oneOf(['off', 'log', 'enforce']),
    execAtDeadline: oneOf(['allow', 'deny']),
    deadline: integer({ min: 50, max: 5000 }),
  }),
  object({ type: oneOf(['trusted']), processes: list(processNameShape) }),
);

/** To either worker: its matches up to this number are on disk. `WorkerClient` handles it. */
export interface Acknowledged {
  type: 'acknowledged';
  number: Count;
}
export const acknowledgedShape: Shape<Acknowledged> = object({ type: oneOf(['acknowledged']), number: countShape });

export type ToScanner =
  | Rules
  | RulesChanged
  | {
      type: 'sweep';
      task: string;
      find: { sha1: string; size: Count | null }[] | null;
      /** Absolute paths; null for every real filesystem. */
      roots: string[] | null;
      /** Quarantines what its rule says; false only reports. */
      act: boolean;
      /** 0 is no limit. */
      megabytesPerSecond: Count;
    }
  | { type: 'cancel'; task: string }
  | { type: 'quarantine'; match: Match }
  | { type: 'restore'; task: string; quarantine: string[] | null; object: ObjectName | null }
  | { type: 'end-processes'; task: string; processes: ProcessName[] };
export const toScannerShape: Shape<ToScanner> = anyOf(
  rulesShape,
  rulesChangedShape,
  object({
    type: oneOf(['sweep']),
    task: text({ min: 1, max: 64 }),
    find: nullable(
      list(object({ sha1: text({ pattern: '^[0-9A-F]{40}$' }), size: nullable(countShape) }), { min: 1, max: 100 }),
    ),
    roots: nullable(list(text({ max: 4096 }), { min: 1, max: 16 })),
    act: boolean(),
    megabytesPerSecond: countShape,
  }),
  object({ type: oneOf(['cancel']), task: text({ min: 1, max: 64 }) }),
  object({ type: oneOf(['quarantine']), match: matchShape }),
  object({
    type: oneOf(['restore']),
    task: text({ min: 1, max: 64 }),
    quarantine: nullable(list(text({ max: 36 }), { max: 1000 })),
    object: nullable(objectNameShape),
  }),
  object({ type: oneOf(['end-processes']), task: text({ min: 1, max: 64 }), processes: list(processNameShape) }),
);

export interface MatchMessage {
  type: 'match';
  match: Match;
  /** Counts openings beside one that was reported before: no file is quarantined for it. */
  further?: true;
  /** Grows within one worker process, so that what is sent again on a new connection is recorded once. `WorkerClient` sets it. */
  number?: Count;
}
export const matchMessageShape: Shape<MatchMessage> = object({
  type: oneOf(['match']),
  match: matchShape,
  further: optional(oneOf([true])),
  number: optional(countShape),
});

export interface Hello {
  type: 'hello';
  worker: 'on-access' | 'scanner';
  process: ProcessName;
  /** Revision of the rules it has; 0 before the first. */
  revision: Count;
}
export const helloShape: Shape<Hello> = object({
  type: oneOf(['hello']),
  worker: oneOf(['on-access', 'scanner']),
  process: processNameShape,
  revision: countShape,
});

export type FromOnAccess =
  | Hello
  | {
      type: 'state';
      state: 'off' | 'starting' | 'on' | 'unable';
      /** Mount points of the filesystems that are watched. */
      filesystems: string[];
      message: string | null;
    }
  | MatchMessage;
export const fromOnAccessShape: Shape<FromOnAccess> = anyOf(
  helloShape,
  object({
    type: oneOf(['state']),
    state: oneOf(['off', 'starting', 'on', 'unable']),
    filesystems: list(text({ max: 4096 }), { max: 1000 }),
    message: nullable(text({ max: 1000 })),
  }),
  matchMessageShape,
);

export type FromScanner =
  | Hello
  | ProtectedFiles
  | MatchMessage
  | { type: 'quarantine-state'; message: string | null }
  | {
      type: 'progress';
      task: string;
      kind: string;
      state: 'running' | 'done' | 'failed' | 'cancelled';
      files: Count;
      of: Count | null;
      bytes: Count;
      unreadable: Count;
      found: Count;
      copies: Copy[];
      message: string | null;
    };
export const fromScannerShape: Shape<FromScanner> = anyOf(
  helloShape,
  protectedFilesShape,
  matchMessageShape,
  object({ type: oneOf(['quarantine-state']), message: nullable(text({ max: 1000 })) }),
  object({
    type: oneOf(['progress']),
    task: text({ min: 1, max: 64 }),
    kind: text({ max: 32 }),
    state: oneOf(['running', 'done', 'failed', 'cancelled']),
    files: countShape,
    of: nullable(countShape),
    bytes: countShape,
    unreadable: countShape,
    found: countShape,
    copies: list(copyShape, { max: 100 }),
    message: nullable(text({ max: 1000 })),
  }),
);

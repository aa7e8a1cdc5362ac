/** The messages between the enforcer and its workers. */
import { Type } from 'typebox';
import { Copy, Count, Match, ObjectName, ProcessName } from '@cordon/protocol/channel/schemas';

const Sha1 = Type.String({ pattern: '^[0-9A-F]{40}$' });

const Task = Type.String({ minLength: 1, maxLength: 64 });

const Message = Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]);

/** One listed file, as this agent treats it: group, canary and mode are already in `action`. */
export const FileRule = Type.Object({
  /** The type under which it is listed. */
  type: Type.Union([Type.Literal('file'), Type.Literal('file_sha1')]),
  sha1: Sha1,
  /** Bytes; null when only the hash is known. */
  size: Type.Union([Count, Type.Null()]),
  action: Type.Union([Type.Literal('log'), Type.Literal('block'), Type.Literal('quarantine')]),
  /** Milliseconds since 1970. Each process that holds the rule drops it at that very time. */
  expiresAt: Type.Union([Count, Type.Null()]),
  /** A person confirmed it: files of packages and shells are not protected from it. Loaders and Cordon's own always are. */
  confirmed: Type.Boolean(),
});

/** All rules; at most one for each SHA-1. */
export const Rules = Type.Object({ type: Type.Literal('rules'), revision: Count, files: Type.Array(FileRule) });

/** Rules added, replaced and removed since `after`. A worker with other rules says `hello` again and gets all. */
export const RulesChanged = Type.Object({
  type: Type.Literal('rules-changed'),
  after: Count,
  revision: Count,
  put: Type.Array(FileRule),
  remove: Type.Array(Sha1),
});

/**
 * Files that are never blocked or taken: numbers of 48 bits, big-endian, sorted, as Float64 little-endian in base64
 * (fs/file-keys.ts). They name paths as this host sees them, and the files themselves. `package` holds files of installed
 * packages and shells; `always` holds loaders and Cordon's own. A path counts only if it leads to the very inode.
 */
export const ProtectedFiles = Type.Object({
  type: Type.Literal('protected-files'),
  package: Type.String(),
  always: Type.String(),
});

export const ToOnAccess = Type.Union([
  Rules,
  RulesChanged,
  ProtectedFiles,
  Type.Object({
    type: Type.Literal('on-access-settings'),
    /** `log` allows everything, and reports matches. */
    mode: Type.Union([Type.Literal('off'), Type.Literal('log'), Type.Literal('enforce')]),
    execAtDeadline: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
    /** Milliseconds until an opening without a decision is allowed. */
    deadline: Type.Integer({ minimum: 50, maximum: 5000 }),
  }),
  /** Processes of the agent itself: their openings are always allowed, or the agent would wait for itself. */
  Type.Object({ type: Type.Literal('trusted'), processes: Type.Array(ProcessName) }),
]);

/** To either worker: its matches up to this number are on disk. `WorkerClient` handles it. */
export const Acknowledged = Type.Object({ type: Type.Literal('acknowledged'), number: Count });

export const ToScanner = Type.Union([
  Rules,
  RulesChanged,
  /** Looks for what is listed (`find` null), or for these files. An unfinished one of the same task continues. */
  Type.Object({
    type: Type.Literal('sweep'),
    task: Task,
    find: Type.Union([
      Type.Array(Type.Object({ sha1: Sha1, size: Type.Union([Count, Type.Null()]) }), { minItems: 1, maxItems: 100 }),
      Type.Null(),
    ]),
    /** Absolute paths; null for every real filesystem. */
    roots: Type.Union([Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 16 }), Type.Null()]),
    /** Quarantines what its rule says; false only reports. */
    act: Type.Boolean(),
    /** 0 is no limit. */
    megabytesPerSecond: Count,
  }),
  Type.Object({ type: Type.Literal('cancel'), task: Task }),
  /** Quarantines a file that `on-access` has matched and denied. */
  Type.Object({ type: Type.Literal('quarantine'), match: Match }),
  Type.Object({
    type: Type.Literal('restore'),
    task: Task,
    quarantine: Type.Union([Type.Array(Type.String({ maxLength: 36 }), { maxItems: 1000 }), Type.Null()]),
    object: Type.Union([ObjectName, Type.Null()]),
  }),
  Type.Object({ type: Type.Literal('end-processes'), task: Task, processes: Type.Array(ProcessName) }),
]);

export const MatchMessage = Type.Object({
  type: Type.Literal('match'),
  match: Match,
  /** Counts openings beside one that was reported before: no file is quarantined for it. */
  further: Type.Optional(Type.Literal(true)),
  /** Grows within one worker process, so that what is sent again on a new connection is recorded once. `WorkerClient` sets it. */
  number: Type.Optional(Count),
});

export const Hello = Type.Object({
  type: Type.Literal('hello'),
  worker: Type.Union([Type.Literal('on-access'), Type.Literal('scanner')]),
  process: ProcessName,
  /** Revision of the rules it has; 0 before the first. */
  revision: Count,
});

export const FromOnAccess = Type.Union([
  Hello,
  Type.Object({
    type: Type.Literal('state'),
    state: Type.Union([Type.Literal('off'), Type.Literal('starting'), Type.Literal('on'), Type.Literal('unable')]),
    /** Mount points of the filesystems that are watched. */
    filesystems: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 1000 }),
    message: Message,
  }),
  MatchMessage,
]);

export const FromScanner = Type.Union([
  Hello,
  ProtectedFiles,
  MatchMessage,
  /** Why the quarantine does not work; null when it works, which is assumed at first. */
  Type.Object({ type: Type.Literal('quarantine-state'), message: Message }),
  Type.Object({
    type: Type.Literal('progress'),
    task: Task,
    kind: Type.String({ maxLength: 32 }),
    state: Type.Union([
      Type.Literal('running'),
      Type.Literal('done'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
    ]),
    files: Count,
    of: Type.Union([Count, Type.Null()]),
    bytes: Count,
    unreadable: Count,
    found: Count,
    copies: Type.Array(Copy, { maxItems: 100 }),
    message: Message,
  }),
]);

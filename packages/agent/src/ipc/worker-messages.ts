/**
 * What the enforcer says to the two parts that handle files, and they to it: JSON lines over a UNIX socket for root.
 *
 * `watch` decides about openings (fanotify) and does nothing else; `files` sweeps, and keeps the vault. Neither talks to
 * the other: the enforcer knows the list, the settings and the spool, and has no file work that could hold it up.
 */
import { Copy, Detection, ObjectName, ProcessName } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';

/** 20,000 rules in one line fit, and a shield of 500,000 paths and their files. */
export const maxWorkerLine = 12_000_000;

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Sha1 = Type.String({ pattern: '^[0-9A-F]{40}$' });
const Task = Type.String({ minLength: 1, maxLength: 64 });
const Message = Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]);

/** One listed file, as this agent is to treat it: group, canary and mode are already in `action`. */
export const FileRule = Type.Object({
  /** The kind under which it is on the list: `file` or `file_sha1`. */
  type: Type.Union([Type.Literal('file'), Type.Literal('file_sha1')]),
  sha1: Sha1,
  /** Bytes; null when only the hash is known. */
  size: Type.Union([Count, Type.Null()]),
  action: Type.Union([Type.Literal('log'), Type.Literal('block'), Type.Literal('quarantine')]),
  /** Milliseconds since 1970; obeyed by whoever holds the rule, at that very time. */
  expiresAt: Type.Union([Count, Type.Null()]),
  /** The shield of packages and shells does not hold for it; that of Cordon's own files and loaders always does. */
  confirmed: Type.Boolean(),
});
export type FileRule = Static<typeof FileRule>;

/** All rules; at most one for each SHA-1. */
const Rules = Type.Object({ type: Type.Literal('rules'), revision: Count, files: Type.Array(FileRule) });
/** Rules added, replaced and gone since `after`; a part that is not there asks with `hello` again and gets all. */
const RulesChanged = Type.Object({
  type: Type.Literal('rules-changed'),
  after: Count,
  revision: Count,
  put: Type.Array(FileRule),
  remove: Type.Array(Sha1),
});

/**
 * Files that are shielded: numbers of 48 bits, big-endian, sorted, as Float64 little-endian in base64 (shield/keys.ts).
 * They are of paths as this host sees them, and of the files themselves. `package` are files of installed packages and
 * shells; `always` are loaders and Cordon's own. A path counts only if it leads to the very inode.
 */
export const Shield = Type.Object({ type: Type.Literal('shield'), package: Type.String(), always: Type.String() });
export type Shield = Static<typeof Shield>;

export const ToOnAccess = Type.Union([
  Rules,
  RulesChanged,
  Shield,
  Type.Object({
    type: Type.Literal('on-access-settings'),
    /** `log` decides nothing: everything is allowed, and matches are told. */
    mode: Type.Union([Type.Literal('off'), Type.Literal('log'), Type.Literal('enforce')]),
    execAtDeadline: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
    /** Milliseconds until an opening that nobody could decide is let through. */
    deadline: Type.Integer({ minimum: 50, maximum: 5000 }),
  }),
  /** Processes of the agent itself: never asked about, or it would wait for itself. */
  Type.Object({ type: Type.Literal('trusted'), processes: Type.Array(ProcessName) }),
]);
export type ToOnAccess = Static<typeof ToOnAccess>;

/** To either part: its detections up to this number are on disk. `Part` obeys it, and nobody else hears of it. */
const Kept = Type.Object({ type: Type.Literal('kept'), number: Count });
export type Kept = Static<typeof Kept>;

export const ToScanner = Type.Union([
  Rules,
  RulesChanged,
  /** Looks for what is listed (`find` null), or for these. An unfinished one of the same task goes on where it was. */
  Type.Object({
    type: Type.Literal('sweep'),
    task: Task,
    find: Type.Union([
      Type.Array(Type.Object({ sha1: Sha1, size: Type.Union([Count, Type.Null()]) }), { minItems: 1, maxItems: 100 }),
      Type.Null(),
    ]),
    /** Absolute paths; null for every real filesystem. */
    roots: Type.Union([Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 16 }), Type.Null()]),
    /** Quarantine what is to be quarantined; false only tells. */
    act: Type.Boolean(),
    /** 0 is without a limit. */
    megabytesPerSecond: Count,
  }),
  Type.Object({ type: Type.Literal('cancel'), task: Task }),
  /** Takes away a file that `watch` has met and denied. */
  Type.Object({ type: Type.Literal('quarantine'), detection: Type.Omit(Detection, ['sequence']) }),
  Type.Object({
    type: Type.Literal('restore'),
    task: Task,
    quarantine: Type.Union([Type.Array(Type.String({ maxLength: 36 }), { maxItems: 1000 }), Type.Null()]),
    object: Type.Union([ObjectName, Type.Null()]),
  }),
  Type.Object({ type: Type.Literal('end-processes'), task: Task, processes: Type.Array(ProcessName) }),
]);
export type ToScanner = Static<typeof ToScanner>;

/** A detection before the enforcer has numbered it. */
export const Finding = Type.Omit(Detection, ['sequence']);
export type Finding = Static<typeof Finding>;

const Found = Type.Object({
  type: Type.Literal('detection'),
  detection: Finding,
  /** Counts openings beside one that was told before: no file is to be taken away for it. */
  further: Type.Optional(Type.Literal(true)),
  /** Grows within one process of the part, so that what is said again after a lost connection is kept once. `Part` sets it. */
  number: Type.Optional(Count),
});
export type Found = Static<typeof Found>;

const Hello = Type.Object({
  type: Type.Literal('hello'),
  part: Type.Union([Type.Literal('on-access'), Type.Literal('scanner')]),
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
  Found,
]);
export type FromOnAccess = Static<typeof FromOnAccess>;

export const FromScanner = Type.Union([
  Hello,
  Shield,
  Found,
  /** Why the vault does nothing at all; null when it works, as it does until something else is said. */
  Type.Object({ type: Type.Literal('vault'), message: Message }),
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
export type FromScanner = Static<typeof FromScanner>;

const validators = {
  toOnAccess: Compile(ToOnAccess),
  toScanner: Compile(ToScanner),
  fromOnAccess: Compile(FromOnAccess),
  fromScanner: Compile(FromScanner),
  kept: Compile(Kept),
} as const satisfies Record<string, Validator>;

interface MessageOf {
  toOnAccess: ToOnAccess;
  toScanner: ToScanner;
  fromOnAccess: FromOnAccess;
  fromScanner: FromScanner;
  kept: Kept;
}

/** Total: a message of that direction, or undefined for anything else whatever. */
export function decodeWorkerMessage<D extends keyof MessageOf>(direction: D, line: string): MessageOf[D] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // The caller says who sent it, and closes the socket.
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the validator of this very type has checked it
  return validators[direction].Check(value) ? (value as MessageOf[D]) : undefined;
}

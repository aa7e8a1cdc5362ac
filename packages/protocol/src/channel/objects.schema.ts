/** Suspicious objects as agents hold them, and the enforcement settings of a group. */
import { Type } from 'typebox';
import { Milliseconds } from './scalars.schema.ts';

const groupName = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' });

/** What identifies an object: its type and its content. `content` of a file is its SHA-1 in upper-case hex. */
export const ObjectName = Type.Object({
  type: Type.Union([
    Type.Literal('ip'),
    Type.Literal('url'),
    Type.Literal('domain'),
    Type.Literal('file_sha1'),
    Type.Literal('file'),
  ]),
  content: Type.String({ minLength: 1, maxLength: 2047 }),
});

/** One suspicious object as agents hold it. */
export const ObjectEntry = Type.Object({
  ...ObjectName.properties,
  action: Type.Union([Type.Literal('log'), Type.Literal('block'), Type.Literal('quarantine')]),
  /** Bytes; known for uploaded files only. */
  size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  sha256: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()]),
  expiresAt: Type.Union([Milliseconds, Type.Null()]),
  /** Canary: only agents of these groups enforce the action; all others log. Absent: everywhere. */
  enforceIn: Type.Optional(Type.Array(groupName, { maxItems: 16 })),
  /** A person confirmed that it may also hit files of installed packages, and shells. */
  confirmed: Type.Optional(Type.Boolean()),
});

export const ObjectMode = Type.Union([Type.Literal('off'), Type.Literal('log'), Type.Literal('enforce')]);

/** How the agents of one group treat suspicious objects. `log` reports what `enforce` would have acted on. */
export const ObjectSettings = Type.Object({
  group: groupName,
  onAccess: ObjectMode,
  /** When the list changes, the agent searches its disks for listed files. */
  sweep: ObjectMode,
  network: ObjectMode,
  /** What happens to an execution that was not decided in time; an open is then always allowed. */
  execAtDeadline: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
  /** How much a sweep may read per second; 0 means no limit. */
  sweepMegabytesPerSecond: Type.Integer({ minimum: 0, maximum: 10_000 }),
});

/** State of one kind of enforcement: `off` by its settings; `unable` on this endpoint, with the reason. */
export const EnforcementState = Type.Object({
  state: Type.Enum(['off', 'starting', 'on', 'unable'], { unknown: 'unable' }),
  message: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
});

/** How an agent enforces suspicious objects. Domains and URLs: see docs/operating/objects.md. */
export const ObjectEnforcementStatus = Type.Object({
  /** Opening and executing files. */
  onAccess: EnforcementState,
  /** Searching the disks for listed files. */
  sweep: EnforcementState,
  /** Addresses and networks, in the kernel. */
  network: EnforcementState,
  /** Names in plain-text DNS questions: logged, never blocked. */
  names: EnforcementState,
  /**
   * Listed addresses and networks that it never blocks, wholly or in part: those of its servers, its own, the link.
   * The first of them, and how many more there are.
   */
  exempt: Type.Optional(
    Type.Object({
      objects: Type.Array(
        Type.Object({
          content: Type.String({ minLength: 1, maxLength: 64 }),
          whole: Type.Boolean(),
          /** Why it is exempt, `203.0.113.2 (a server)`. */
          what: Type.String({ maxLength: 300 }),
        }),
        { maxItems: 50 },
      ),
      more: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    }),
  ),
});

/** Generated from objects.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, fieldsOf, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from './scalars.shape.ts';
import type { Milliseconds } from './scalars.shape.ts';

/** What identifies an object: its type and its content. `content` of a file is its SHA-1 in upper-case hex. */
export interface ObjectName {
  type: 'ip' | 'url' | 'domain' | 'file_sha1' | 'file';
  content: string;
}
export const objectNameShape: Shape<ObjectName> = object({
  type: oneOf(['ip', 'url', 'domain', 'file_sha1', 'file']),
  content: text({ min: 1, max: 2047 }),
});

/** One suspicious object as agents hold it. */
export interface ObjectEntry extends ObjectName {
  action: 'log' | 'block' | 'quarantine';
  /** Bytes; known for uploaded files only. */
  size: number | null;
  sha256: string | null;
  expiresAt: Milliseconds | null;
  /** Canary: only agents of these groups enforce the action; all others log. Absent: everywhere. */
  enforceIn?: string[];
  /** A person confirmed that it may also hit files of installed packages, and shells. */
  confirmed?: boolean;
}
export const objectEntryShape: Shape<ObjectEntry> = object({
  ...fieldsOf(objectNameShape),
  action: oneOf(['log', 'block', 'quarantine']),
  size: nullable(integer({ min: 0 })),
  sha256: nullable(text({ pattern: '^[0-9a-f]{64}$' })),
  expiresAt: nullable(millisecondsShape),
  enforceIn: optional(list(text({ pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' }), { max: 16 })),
  confirmed: optional(boolean()),
});

export type ObjectMode = 'off' | 'log' | 'enforce';
export const objectModeShape: Shape<ObjectMode> = oneOf(['off', 'log', 'enforce']);

/** How the agents of one group treat suspicious objects. `log` reports what `enforce` would have acted on. */
export interface ObjectSettings {
  group: string;
  onAccess: ObjectMode;
  /** When the list changes, the agent searches its disks for listed files. */
  sweep: ObjectMode;
  network: ObjectMode;
  /** What happens to an execution that was not decided in time; an open is then always allowed. */
  execAtDeadline: 'allow' | 'deny';
  /** How much a sweep may read per second; 0 means no limit. */
  sweepMegabytesPerSecond: number;
}
export const objectSettingsShape: Shape<ObjectSettings> = object({
  group: text({ pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' }),
  onAccess: objectModeShape,
  sweep: objectModeShape,
  network: objectModeShape,
  execAtDeadline: oneOf(['allow', 'deny']),
  sweepMegabytesPerSecond: integer({ min: 0, max: 10_000 }),
});

/** State of one kind of enforcement: `off` by its settings; `unable` on this endpoint, with the reason. */
export interface EnforcementState {
  state: 'off' | 'starting' | 'on' | 'unable';
  message: string | null;
}
export const enforcementStateShape: Shape<EnforcementState> = object({
  state: oneOf(['off', 'starting', 'on', 'unable'], 'unable'),
  message: nullable(text({ max: 500 })),
});

/** How an agent enforces suspicious objects. Domains and URLs: see docs/operating/objects.md. */
export interface ObjectEnforcementStatus {
  /** Opening and executing files. */
  onAccess: EnforcementState;
  /** Searching the disks for listed files. */
  sweep: EnforcementState;
  /** Addresses and networks, in the kernel. */
  network: EnforcementState;
  /** Names in plain-text DNS questions: logged, never blocked. */
  names: EnforcementState;
  /**
   * Listed addresses and networks that it never blocks, wholly or in part: those of its servers, its own, the link.
   * The first of them, and how many more there are.
   */
  exempt?: {
    objects: {
      content: string;
      whole: boolean;
      /** Why it is exempt, `203.0.113.2 (a server)`. */
      what: string;
    }[];
    more: number;
  };
}
export const objectEnforcementStatusShape: Shape<ObjectEnforcementStatus> = object({
  onAccess: enforcementStateShape,
  sweep: enforcementStateShape,
  network: enforcementStateShape,
  names: enforcementStateShape,
  exempt: optional(
    object({
      objects: list(object({ content: text({ min: 1, max: 64 }), whole: boolean(), what: text({ max: 300 }) }), {
        max: 50,
      }),
      more: integer({ min: 0, max: 1_000_000 }),
    }),
  ),
});

/** Generated from objects.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, fieldsOf, list, mustBeSent, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { objectNameShape } from '../channel/objects.shape.ts';
import type { ObjectName } from '../channel/objects.shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';
import { fleetTaskShape } from './tasks.shape.ts';
import type { FleetTask } from './tasks.shape.ts';

/** POST objects: adds or changes one. A file is identified by its hash; the file itself need not leave the browser. */
export interface PutObject extends ObjectName {
  action: 'log' | 'block' | 'quarantine';
  notes?: string;
  expiresAt?: Milliseconds | null;
  /** Used for a `file` only, which was hashed from its bytes; a bare hash has no size. */
  size?: Count | null;
  sha256?: string | null;
  /** Canary: enforced in these groups only, logged everywhere else. */
  enforceIn?: string[] | null;
  /** Canary: only logged again, everywhere, when more agents than this detect it within an hour. */
  haltAbove?: number | null;
  /** True after the listing safety check said what would be hit, and a person confirmed. */
  confirmed?: boolean;
}

/** Why an object is not listed at once; with `mayConfirm` false it cannot be. */
export interface ListingSafetyReason {
  rule:
    | 'empty-file'
    | 'packaged'
    | 'shell'
    | 'cordon'
    | 'private-address'
    | 'loopback'
    | 'own-server'
    | 'broad-network'
    | 'prevalent';
  mayConfirm: boolean;
  message: string;
}
export const listingSafetyReasonShape: Shape<ListingSafetyReason> = object({
  rule: oneOf([
    'empty-file',
    'packaged',
    'shell',
    'cordon',
    'private-address',
    'loopback',
    'own-server',
    'broad-network',
    'prevalent',
  ]),
  mayConfirm: boolean(),
  message: text(),
});

/** How many agents are known to hold a file: from sweeps, finds and detections. */
export interface Prevalence {
  agents: Count;
  /** Agents that searched for it, out of `of`. */
  asked: Count;
  of: Count;
  hostNames: string[];
  packages: string[];
  lastSeenAt: Milliseconds | null;
}
export const prevalenceShape: Shape<Prevalence> = object({
  agents: countShape,
  asked: countShape,
  of: countShape,
  hostNames: list(text()),
  packages: list(text()),
  lastSeenAt: nullable(millisecondsShape),
});

/** One object of the list. */
export interface ListedObject extends ObjectName {
  action: 'log' | 'block' | 'quarantine';
  notes: string;
  expiresAt: Milliseconds | null;
  size: Count | null;
  sha256: string | null;
  enforceIn: string[] | null;
  haltAbove: Count | null;
  /** When and why its canary was halted; since then it is only logged. */
  halted: { at: Milliseconds; message: string } | null;
  confirmed: boolean;
  revision: Count;
  addedAt: Milliseconds;
  changedAt: Milliseconds;
  detections: Count;
  /** Files in quarantine because of it. */
  quarantined: Count;
}
export const listedObjectShape: Shape<ListedObject> = object({
  ...fieldsOf(objectNameShape),
  action: oneOf(['log', 'block', 'quarantine']),
  notes: text(),
  expiresAt: nullable(millisecondsShape),
  size: nullable(countShape),
  sha256: nullable(text({ pattern: '^[0-9a-f]{64}$' })),
  enforceIn: nullable(list(text())),
  haltAbove: nullable(countShape),
  halted: nullable(object({ at: millisecondsShape, message: text() })),
  confirmed: boolean(),
  revision: countShape,
  addedAt: millisecondsShape,
  changedAt: millisecondsShape,
  detections: countShape,
  quarantined: countShape,
});

/** GET objects?type&search&after&limit. */
export interface ListedObjectPage {
  objects: ListedObject[];
  next: string | null;
}
export const listedObjectPageShape: Shape<ListedObjectPage> = object({
  objects: list(listedObjectShape),
  next: nullable(text()),
});

/** What one agent does about one object; `message` says why it does less than the list says. */
export interface ObjectStatus {
  agent: string;
  hostName: string;
  group: string;
  status: 'enforced' | 'logged' | 'not-enforced' | 'pending';
  message: string | null;
}
export const objectStatusShape: Shape<ObjectStatus> = object({
  agent: text(),
  hostName: text(),
  group: text(),
  status: oneOf(['enforced', 'logged', 'not-enforced', 'pending']),
  message: nullable(text()),
});

/** GET objects/{type}/{content}: the object, and its status on each agent. `content` is percent-encoded. */
export interface ObjectDetails {
  object: ListedObject;
  prevalence: Prevalence | null;
  counts: { enforced: Count; logged: Count; notEnforced: Count; pending: Count };
  /** The first 1000 agents; those that do less come first. */
  agents: ObjectStatus[];
}
export const objectDetailsShape: Shape<ObjectDetails> = object({
  object: listedObjectShape,
  prevalence: nullable(prevalenceShape),
  counts: object({ enforced: countShape, logged: countShape, notEnforced: countShape, pending: countShape }),
  agents: list(objectStatusShape),
});

/** POST objects/check: the listing safety check and the prevalence; nothing is listed. */
export interface ObjectCheck {
  reasons: ListingSafetyReason[];
  prevalence: Prevalence | null;
}
export const objectCheckShape: Shape<ObjectCheck> = object({
  reasons: mustBeSent(list(listingSafetyReasonShape)),
  prevalence: nullable(prevalenceShape),
});

/** POST objects/undo: removes the object from the list and restores everything that was quarantined for it. */
export interface UndoObject extends ObjectName {
  reason?: string;
  /** True after the refusal `still-listed` named the other object for the same file, and a person confirmed. */
  confirmed?: boolean;
}

/** The outcome of undoing an object. */
export interface UndoOutcome {
  /** False when it was not on the list. */
  removed: boolean;
  /** The task that restores the files, on offline agents once they return; null when no agent is known to hold one. */
  task: FleetTask | null;
}
export const undoOutcomeShape: Shape<UndoOutcome> = object({
  removed: mustBeSent(boolean()),
  task: mustBeSent(nullable(fleetTaskShape)),
});

/** The small files beside the segments of the spool: up to where it is recorded, and which sequences may be used. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DetectionBatch } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { removeIfThere, valueIn, writeDurably, writeQuickly } from '../../fs/durable.ts';
import { isSegment } from './segment.ts';

const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const SeenFile = Type.Record(Type.String(), Type.Object({ session: Type.String(), number: Sequence }));

/** `recorded.json`: not worth an fsync. An old one costs that something is sent again, which the server knows already. */
const Recorded = Type.Object({ recorded: Sequence, seen: SeenFile });
export type Recorded = Static<typeof Recorded>;

/**
 * `ceiling.json`: which spool this is, and that no sequence of it from `ceiling` on was ever used. Where it is lost,
 * nobody knows which were: then it is another spool, so that a receipt for the one before means nothing here.
 */
const Ceiling = Type.Object({ spool: DetectionBatch.properties.spool, ceiling: Sequence });
export type Ceiling = Static<typeof Ceiling>;

const recordedShape = Compile(Recorded);
const ceilingShape = Compile(Ceiling);
const recordedFile = 'recorded.json';
const ceilingFile = 'ceiling.json';

export function readRecorded(folder: string): Recorded {
  const value = valueIn(join(folder, recordedFile));
  return recordedShape.Check(value) ? value : { recorded: 0, seen: {} };
}

/** Survives our death, though perhaps not that of the machine. */
export function writeRecorded(folder: string, recorded: Recorded): void {
  writeQuickly(join(folder, recordedFile), JSON.stringify(recorded));
}

/** Begins a spool where there is none. */
export function readCeiling(folder: string): Ceiling {
  const value = valueIn(join(folder, ceilingFile));
  if (ceilingShape.Check(value)) return value;
  const begun = { spool: randomUUID(), ceiling: 1 };
  writeCeiling(folder, begun);
  return begun;
}

export function writeCeiling(folder: string, ceiling: Ceiling): void {
  writeDurably(join(folder, ceilingFile), JSON.stringify(ceiling));
}

/** Our own files by name, when the endpoint is uninstalled or enrolled anew. */
export function removeSpool(folder: string): void {
  for (const name of filesOf(folder)) removeIfThere(join(folder, name));
}

function filesOf(folder: string): string[] {
  const own = new Set([recordedFile, ceilingFile].flatMap((name) => [name, `${name}.new`]));
  try {
    return readdirSync(folder).filter((name) => own.has(name) || isSegment(name));
  } catch {
    return []; // There is none.
  }
}

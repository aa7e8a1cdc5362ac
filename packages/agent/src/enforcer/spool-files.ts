/** The small files beside the segments of the spool: up to where it is recorded, and which sequences may be used. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { removeIfThere, valueIn, writeDurably, writeQuickly } from './files.ts';
import { isSegment } from './segment.ts';

const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const SeenFile = Type.Record(Type.String(), Type.Object({ session: Type.String(), number: Sequence }));

/** `recorded.json`: not worth an fsync. An old one costs that something is sent again, which the server knows already. */
const Recorded = Type.Object({ recorded: Sequence, seen: SeenFile });
export type Recorded = Static<typeof Recorded>;

/** `ceiling.json`: no sequence from this one on was ever used. */
const Ceiling = Type.Object({ ceiling: Sequence });

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

export function readCeiling(folder: string): number {
  const value = valueIn(join(folder, ceilingFile));
  return ceilingShape.Check(value) ? value.ceiling : 1;
}

export function writeCeiling(folder: string, ceiling: number): void {
  writeDurably(join(folder, ceilingFile), JSON.stringify({ ceiling }));
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

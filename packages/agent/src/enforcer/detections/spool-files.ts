/** The small files beside the spool's segments: how far it is recorded, and which sequences may be used. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeIfThere, valueIn, writeDurably, writeQuickly } from '../../fs/durable.ts';
import { isSegment } from './segment.ts';
import { fits } from '@cordon/protocol/shape';
import { ceilingShape, recordedShape } from './spool-files.shape.ts';
import type { Ceiling, Recorded } from './spool-files.shape.ts';

export type { Ceiling, Recorded } from './spool-files.shape.ts';

const recordedFile = 'recorded.json';
const ceilingFile = 'ceiling.json';

export function readRecorded(folder: string): Recorded {
  const value = valueIn(join(folder, recordedFile));
  return fits(recordedShape, value) ? value : { recorded: 0, seen: {} };
}

/** Survives our death, though perhaps not a crash of the machine. */
export function writeRecorded(folder: string, recorded: Recorded): void {
  writeQuickly(join(folder, recordedFile), JSON.stringify(recorded));
}

/** Creates a spool where there is none. */
export function readCeiling(folder: string): Ceiling {
  const value = valueIn(join(folder, ceilingFile));
  if (fits(ceilingShape, value)) return value;
  const begun = { spool: randomUUID(), ceiling: 1 };
  writeCeiling(folder, begun);
  return begun;
}

export function writeCeiling(folder: string, ceiling: Ceiling): void {
  writeDurably(join(folder, ceilingFile), JSON.stringify(ceiling));
}

/** Our own files by name, when the endpoint is uninstalled or enrolled again. */
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

/** `shield.json`: the last shield that `files` has told of, so that `watch` has one before `files` has looked anew. */
import { Compile } from 'typebox/compile';
import { Shield } from '../../ipc/worker-messages.ts';
import { valueIn, writeQuickly } from '../../fs/durable.ts';

const shape = Compile(Shield);

export function readShield(path: string): Shield | undefined {
  const value = valueIn(path);
  return shape.Check(value) ? value : undefined;
}

/** Made anew at each start of `files`, so not worth an fsync. */
export function writeShield(path: string, shield: Shield): void {
  writeQuickly(path, JSON.stringify(shield));
}

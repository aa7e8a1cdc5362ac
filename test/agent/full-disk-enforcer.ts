/** An enforcer whose state folder is on a full disk, started again and again: prints what holds, as JSON lines. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { State } from '../../packages/agent/src/enforcer/state/state.ts';
import {
  readSimulatedIsolation,
  SimulatedIsolation,
} from '../../packages/agent/src/enforcer/simulated/simulated-isolation.ts';
import type { ToLink } from '../../packages/agent/src/ipc/link-messages.ts';
import { desiredOf, reportsIn, startEnforcer } from './enforcer-alone.ts';
import type { Started } from './enforcer-alone.ts';

/** `disk` is small; `memory` is what lasts until the next boot. */
const [disk = '', memory = ''] = process.argv.slice(2);
const kernel = join(memory, 'kernel');
const sent: ToLink[] = [];

function started(): Started {
  const state = new State(join(disk, 'state'), memory);
  state.make();
  return startEnforcer(state, {
    isolation: new SimulatedIsolation(kernel),
    now: Date.now,
    send: (message) => sent.push(message),
  });
}

function fill(name: string): void {
  const file = openSync(join(disk, name), 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096, 1));
  } catch {
    closeSync(file); // It is full.
  }
}

function say(step: string): void {
  const held = readSimulatedIsolation(kernel) === '' ? 'normal' : 'isolated';
  const { isolation, epoch, problem } = reportsIn(sent).at(-1) ?? {};
  process.stdout.write(`${JSON.stringify({ step, held, isolation, epoch, problem })}\n`);
}

let enforcer = started();
function restart(step: string): void {
  enforcer = started();
  enforcer.handle({ type: 'connected', objectsRevision: 0 });
  say(step);
}

enforcer.handle(desiredOf({ epoch: 4, isolation: 'normal' }));
fill('log');
enforcer.handle(desiredOf({ epoch: 5, isolation: 'isolated' }));
say('isolated on a full disk, with the reserve');
restart('restarted');
rmSync(join(disk, 'state', 'reserve'));
fill('more of the log');
enforcer.handle(desiredOf({ epoch: 6, isolation: 'normal' }));
say('released without any room');
restart('restarted again');
enforcer.handle(desiredOf({ epoch: 7, isolation: 'isolated' }));
say('isolated without any room');
restart('and restarted');
// Timers of the enforcers would keep us.
process.exit(0);

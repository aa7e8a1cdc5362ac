/** Runs the enforcer process: opens the kernel, brings the saved order about, then opens the door to link. */
import { createPublicKey } from 'node:crypto';
import type { Enforcement } from '../isolation/enforcement.ts';
import { Incapable } from '../isolation/incapable.ts';
import { openNetfilter } from '../isolation/netfilter.ts';
import { Simulated } from '../isolation/simulated.ts';
import { exitCode } from '../exit.ts';
import { logOf } from '../log.ts';
import type { Log } from '../log.ts';
import { socketPath, stateFolder } from '../pipe/place.ts';
import type { Environment } from '../pipe/place.ts';
import { linkUser } from '../pipe/user.ts';
import { sentenceOf } from '../sentence.ts';
import { Door } from './door.ts';
import { Enforcer } from './enforcer.ts';
import { writeDurably } from './files.ts';
import { Objects } from './objects.ts';
import { State } from './state.ts';
import type { Identity } from './state.ts';

/** Ends with an exit code: 0 when `stop` asks for it (isolation stays in the kernel), 64 when uninstalled, 65 when not enrolled. */
export async function runEnforcer(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('enforcer', Date.now);
  const state = new State(stateFolder(environment));
  const identity = state.identity();
  if (!identity) {
    log('not enrolled', { sentence: 'Enrol this endpoint first: cordon-agent enrol <token>' });
    return exitCode.notEnrolled;
  }
  state.make();
  const enforcement = enforcementFor(environment, state);
  log('enforcement found', { unable: enforcement.unable });
  const ended = Promise.withResolvers<number>();
  const { door, wake } = assemble({ environment, log, state, identity, enforcement, end: ended.resolve });
  await door.open();
  log('ready');
  const stopped = (): void => ended.resolve(0);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const code = await ended.promise;
  wake.stop();
  door.close();
  enforcement.close();
  // Once more, now that the socket no longer keeps its folder from being empty.
  if (code === exitCode.uninstalled) state.remove();
  return code;
}

export function enforcementFor(environment: Environment, state: State): Enforcement {
  if (environment['CORDON_AGENT_SIMULATED'] === '1') return new Simulated(state.simulated, writeDurably);
  const netfilter = openNetfilter();
  return netfilter instanceof Error ? new Incapable(netfilter.message) : netfilter;
}

interface Parts {
  readonly environment: Environment;
  readonly log: Log;
  readonly state: State;
  readonly identity: Identity;
  readonly enforcement: Enforcement;
  readonly end: (code: number) => void;
}

function assemble(parts: Parts): { door: Door; wake: Wake } {
  const { environment, log, state, identity, enforcement, end } = parts;
  const orderKey = createPublicKey({ key: Buffer.from(identity.orderKey, 'base64'), format: 'der', type: 'spki' });
  const enforcer = new Enforcer({
    identity,
    state,
    enforcement,
    objects: new Objects(state.objects, orderKey),
    now: Date.now,
    log,
    tell: (message) => door.tell(message),
    uninstalled: () => end(exitCode.uninstalled),
  });
  const wake = new Wake(() => enforcer.tick(), log);
  const door: Door = new Door({
    path: socketPath(environment),
    group: process.getuid?.() === 0 ? linkUser(environment).gid : undefined,
    opened: () => door.tell(enforcer.gateways()),
    received: (message) => {
      attempt(log, message.type, () => enforcer.handle(message));
      wake.reset();
    },
    misbehaved: (sentence) => log('link turned away', { sentence }),
  });
  enforcer.start();
  wake.reset();
  return { door, wake };
}

/** Calls `tick` when it asked to be called. */
class Wake {
  readonly #tick: () => number;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: () => number, log: Log) {
    this.#tick = tick;
    this.#log = log;
  }

  reset(): void {
    this.stop();
    let wait = 1000;
    attempt(this.#log, 'tick', () => (wait = this.#tick()));
    this.#timer = setTimeout(() => this.reset(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** One message that cannot be handled (a full disk, say) must not end the process that holds the tables. */
function attempt(log: Log, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    log('failed', { what, sentence: sentenceOf(error) });
  }
}

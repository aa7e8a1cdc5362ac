/** Runs the enforcer process: opens the kernel, brings the saved order about, then opens the door to link. */
import { createPublicKey } from 'node:crypto';
import type { Enforcement } from '../isolation/enforcement.ts';
import { Incapable } from '../isolation/incapable.ts';
import { openNetfilter } from '../isolation/netfilter.ts';
import { Simulated } from '../isolation/simulated.ts';
import { exitCode } from '../exit.ts';
import { logOf } from '../log.ts';
import type { Log } from '../log.ts';
import { counterPath, socketPath, stateFolder } from '../pipe/place.ts';
import type { Environment } from '../pipe/place.ts';
import { linkUser } from '../pipe/user.ts';
import { sentenceOf } from '../sentence.ts';
import { changesAllowed } from './admission.ts';
import { Changes } from './changes.ts';
import { Counter } from './counter.ts';
import { Door } from './door.ts';
import { Enforcer } from './enforcer.ts';
import { writeDurably } from './files.ts';
import { Objects } from './objects.ts';
import { Messenger, nobody } from './people.ts';
import type { People } from './people.ts';
import { tellServiceManager } from './service.ts';
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
  const { door, counter, wake } = assemble({ environment, log, state, identity, enforcement, end: ended.resolve });
  // The saved order is in force. Whoever waits for us with the network (network-pre.target) need not wait for the rest.
  tellServiceManager(environment);
  await door.open();
  await counter.open();
  log('ready');
  const stopped = (): void => ended.resolve(0);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const code = await ended.promise;
  wake.stop();
  door.close();
  counter.close();
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

function assemble(parts: Parts): { door: Door; counter: Counter; wake: Wake } {
  const { environment, log, state, identity, enforcement, end } = parts;
  const orderKey = createPublicKey({ key: Buffer.from(identity.orderKey, 'base64'), format: 'der', type: 'spki' });
  const enforcer = new Enforcer({
    identity,
    state,
    enforcement,
    changes: new Changes(state, allowedChanges(environment)),
    people: peopleOf(environment, log),
    isProtected: () => environment['CORDON_AGENT_PROTECTED'] === '1' || state.isProtected,
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
  const counter = new Counter(counterPath(environment), ({ code }) => {
    const answer = enforcer.breakGlass(code);
    wake.reset();
    return answer;
  });
  enforcer.start();
  listen(enforcement, log, () => {
    enforcer.noticed();
    wake.reset();
  });
  wake.reset();
  return { door, counter, wake };
}

/** Without it we look every two seconds, which is what we do anyway. */
function listen(enforcement: Enforcement, log: Log, noticed: () => void): void {
  attempt(log, 'watch', () => enforcement.watch(noticed));
}

/** A simulated isolation cuts nothing, so there is nothing to be safe from. */
function allowedChanges(environment: Environment): number {
  const given = environment['CORDON_AGENT_CHANGES_PER_HOUR'];
  if (given === undefined && environment['CORDON_AGENT_SIMULATED'] === '1') return Infinity;
  const allowed = Number(given ?? changesAllowed);
  if (Number.isInteger(allowed) && allowed > 0 && allowed <= 10_000) return allowed;
  throw new Error('CORDON_AGENT_CHANGES_PER_HOUR must be a whole number from 1 to 10000.');
}

/** Trials and tests keep their state elsewhere, and disturb nobody unless they say where. */
function peopleOf(environment: Environment, log: Log): People {
  const path = environment['CORDON_AGENT_MOTD'];
  if (path !== undefined) return new Messenger(path, log);
  return stateFolder(environment) === stateFolder({}) ? new Messenger('/run/motd.d/cordon', log) : nobody;
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

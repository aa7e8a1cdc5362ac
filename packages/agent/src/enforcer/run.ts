/** Runs the enforcer process: opens the kernel, applies the saved desired state, then opens the socket to link. */
import { createPublicKey } from 'node:crypto';
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import { UnableIsolation } from './isolation/unable-isolation.ts';
import { NftablesIsolation } from './isolation/nftables-isolation.ts';
import { systemCalls } from '../kernel/calls.ts';
import { messageOf } from '../message-of.ts';
import { SimulatedIsolation } from './simulated/simulated-isolation.ts';
import { exitCode } from '../exit.ts';
import { logOf } from '../log.ts';
import type { Log } from '../log.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { openAddressBlocking } from './address-blocking/open.ts';
import type { OpenOptions } from './address-blocking/open.ts';
import { linkUser, controlPath, workersPath, socketPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import { changesAllowed } from './desired-state/admission.ts';
import { ChangeHistory } from './desired-state/change-history.ts';
import { controlServer } from '../ipc/control-socket.ts';
import type { SocketServer } from '../ipc/socket-server.ts';
import { LinkServer } from '../ipc/link-server.ts';
import { Enforcer } from './enforcer.ts';
import { writeDurably, writeQuickly } from '../fs/durable.ts';
import { ObjectList } from './objects/object-list.ts';
import { ObjectEnforcement } from './objects/object-enforcement.ts';
import { WorkerServer } from '../ipc/worker-server.ts';
import type { WorkerEvents } from '../ipc/worker-server.ts';
import type { Workers } from './workers/workers.ts';
import { UserNoticeFiles, nobody } from './notices/user-notice.ts';
import type { UserNotices } from './notices/user-notice.ts';
import { notifyReady } from '../kernel/service-manager.ts';
import { Signer } from './state/signer.ts';
import { SimulatedWorkers } from './simulated/simulated-workers.ts';
import { State } from './state/state.ts';
import type { Identity } from './state/state.ts';
import { attempt } from './attempt.ts';
import { ReconcileLoop } from '../reconcile.ts';

/**
 * The exit code: 0 when `stop` asks for it (isolation stays in the kernel), 64 when uninstalled, 65 when not enrolled.
 */
export async function runEnforcer(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('enforcer', Date.now);
  const state = new State(stateFolder(environment));
  const identity = state.identity();
  if (!identity) {
    log('not enrolled', { message: 'Enrol this endpoint first: cordon-agent enrol <token>' });
    return exitCode.notEnrolled;
  }
  state.make();
  const enforcement = enforcementFor(environment, state);
  log('enforcement found', { unable: enforcement.unable });
  const ended = Promise.withResolvers<number>();
  const { linkServer, control, loop, objectEnforcement } = assemble({
    environment,
    log,
    state,
    identity,
    enforcement,
    end: ended.resolve,
  });
  // The saved desired state is in force. Units that wait for us with the network (network-pre.target) may start.
  notifyReady(environment);
  await linkServer.open();
  await control.open();
  await objectEnforcement.open();
  log('ready');
  const stopped = (): void => ended.resolve(0);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const code = await ended.promise;
  loop.stop();
  linkServer.close();
  control.close();
  if (code === exitCode.uninstalled) await objectEnforcement.dismiss();
  await objectEnforcement.close();
  enforcement.close();
  // Once more, now that the socket no longer keeps its folder from being empty.
  if (code === exitCode.uninstalled) state.remove();
  return code;
}

export function enforcementFor(environment: Environment, state: State): IsolationKernel {
  if (environment['CORDON_AGENT_SIMULATED'] === '1') return new SimulatedIsolation(state.simulated, writeDurably);
  if (process.getuid?.() !== 0) return new UnableIsolation('Isolation needs root; the enforcer runs as another user.');
  try {
    return new NftablesIsolation(systemCalls());
  } catch (error) {
    return new UnableIsolation(messageOf(error));
  }
}

interface Deps {
  readonly environment: Environment;
  readonly log: Log;
  readonly state: State;
  readonly identity: Identity;
  readonly enforcement: IsolationKernel;
  readonly end: (code: number) => void;
}

interface Assembled {
  readonly linkServer: LinkServer;
  readonly control: SocketServer;
  readonly loop: ReconcileLoop;
  readonly objectEnforcement: ObjectEnforcement;
}

function assemble(deps: Deps): Assembled {
  const { environment, log, state, identity, enforcement, end } = deps;
  const signingKey = createPublicKey({ key: Buffer.from(identity.signingKey, 'base64'), format: 'der', type: 'spki' });
  const objects = new ObjectList(state.objects, signingKey);
  const send = (message: ToLink): void => linkServer.send(message);
  const spare = new SpareMemory();
  const objectEnforcement = new ObjectEnforcement({
    state,
    objects,
    addressee: { ...identity, signingKey },
    signer: new Signer(identity, Date.now),
    workers: (events) => workersFor(deps, events),
    addresses: (events) => openAddressBlocking({ ...events, now: Date.now, log, simulated: simulatedAddresses(deps) }),
    enrolledAt: identity.gateways,
    now: Date.now,
    log,
    send,
    report: () => enforcer.report(),
  });
  const enforcer = new Enforcer({
    objectEnforcement,
    identity,
    state,
    enforcement,
    changes: new ChangeHistory(state, allowedChanges(environment)),
    notices: noticesFor(environment, log),
    isProtected: () => environment['CORDON_AGENT_PROTECTED'] === '1' || state.isProtected,
    objects,
    now: Date.now,
    log,
    send,
    uninstalled: () => end(exitCode.uninstalled),
  });
  const loop = new ReconcileLoop({ name: 'tick', reconcile: () => enforcer.tick(), log });
  const linkServer: LinkServer = new LinkServer({
    path: socketPath(environment),
    group: process.getuid?.() === 0 ? linkUser(environment).gid : undefined,
    opened: () => linkServer.send(enforcer.gateways()),
    received: (message) => {
      attempt(log, message.type, () => enforcer.handle(message));
      loop.run();
      spare.used();
    },
    misbehaved: (message) => log('link turned away', { message }),
  });
  const control = controlServer(controlPath(environment), (request) => {
    if (request.type === 'objects') return objectEnforcement.status;
    const answer = enforcer.breakGlass(request.code);
    loop.run();
    return answer;
  });
  enforcer.start();
  listen(enforcement, log, () => {
    enforcer.noticed();
    loop.run();
  });
  loop.run();
  return { linkServer, control, loop, objectEnforcement };
}

function simulatedAddresses({ environment, state }: Deps): OpenOptions['simulated'] {
  if (environment['CORDON_AGENT_SIMULATED'] !== '1') return undefined;
  return { path: state.simulatedNetwork, write: writeQuickly };
}

/** A simulated endpoint has no workers: nothing is examined there. */
function workersFor({ environment, log, state }: Deps, events: WorkerEvents): Workers {
  const safely = (what: string, act: () => void): void => attempt(log, what, act);
  const guarded: WorkerEvents = {
    opened: (part, greeting) => safely('part came', () => events.opened(part, greeting)),
    closed: (part) => safely('part went', () => events.closed(part)),
    received: {
      'on-access': (message) => safely(message.type, () => events.received['on-access'](message)),
      scanner: (message) => safely(message.type, () => events.received.scanner(message)),
    },
  };
  if (environment['CORDON_AGENT_SIMULATED'] === '1')
    return new SimulatedWorkers(state.simulatedRules, writeQuickly, guarded);
  const misbehaved = (message: string): void => log('part turned away', { message });
  return new WorkerServer({ path: workersPath(environment), misbehaved, ...guarded });
}

/** Without it we still verify every two seconds. */
function listen(enforcement: IsolationKernel, log: Log, noticed: () => void): void {
  attempt(log, 'watch', () => enforcement.watch(noticed));
}

/** A simulated isolation cuts nothing, so nothing can be cut off by it. */
function allowedChanges(environment: Environment): number {
  const given = environment['CORDON_AGENT_CHANGES_PER_HOUR'];
  if (given === undefined && environment['CORDON_AGENT_SIMULATED'] === '1') return Infinity;
  const allowed = Number(given ?? changesAllowed);
  if (Number.isInteger(allowed) && allowed > 0 && allowed <= 10_000) return allowed;
  throw new Error('CORDON_AGENT_CHANGES_PER_HOUR must be a whole number from 1 to 10000.');
}

/** Trials and tests keep their state elsewhere, and disturb nobody unless they say where. */
function noticesFor(environment: Environment, log: Log): UserNotices {
  const path = environment['CORDON_AGENT_MOTD'];
  if (path !== undefined) return new UserNoticeFiles(path, log);
  return stateFolder(environment) === stateFolder({}) ? new UserNoticeFiles('/run/motd.d/cordon', log) : nobody;
}

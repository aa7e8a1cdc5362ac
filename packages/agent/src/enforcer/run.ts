/** Runs the enforcer process: applies the saved desired state, then serves link, the workers, and root at the endpoint. */
import { dirname } from 'node:path';
import { exitCode } from '../exit.ts';
import { controlServer } from '../ipc/control-socket.ts';
import type { SocketServer } from '../ipc/socket-server.ts';
import { LinkServer } from '../ipc/link-server.ts';
import { controlPath, linkUser, socketPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { notifyReady } from '../kernel/service-manager.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { logOf } from '../log.ts';
import type { Log } from '../log.ts';
import { ReconcileLoop } from '../reconcile.ts';
import { assemble } from './assemble.ts';
import type { Enforcer, EnforcerDeps } from './assemble.ts';
import { attempt } from './attempt.ts';
import { UserNoticeFiles, nobody } from './notices/user-notice.ts';
import type { UserNotices } from './notices/user-notice.ts';
import { platformFor } from './platform.ts';
import { State } from './state/state.ts';

/**
 * The exit code: 0 when `stop` asks for it (isolation stays in the kernel), 64 when uninstalled, 65 when not enrolled.
 */
export async function runEnforcer(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('enforcer', Date.now);
  const state = new State(stateFolder(environment), dirname(socketPath(environment)));
  const identity = state.identity();
  if (!identity) {
    log('not enrolled', { message: 'Enrol this endpoint first: cordon-agent enrol <token>' });
    return exitCode.notEnrolled;
  }
  state.make();
  const ended = Promise.withResolvers<number>();
  const uninstalled = (): void => ended.resolve(exitCode.uninstalled);
  const { enforcer, loop, linkServer, control } = start({ environment, log, state, identity, uninstalled });
  // The saved desired state is in force. Units that wait for us with the network (network-pre.target) may start.
  notifyReady(environment);
  await linkServer.open();
  await control.open();
  await enforcer.open();
  log('ready');
  const stopped = (): void => ended.resolve(0);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const code = await ended.promise;
  loop.stop();
  linkServer.close();
  control.close();
  if (code === exitCode.uninstalled) await enforcer.dismiss();
  await enforcer.close();
  // Once more, now that the socket no longer keeps its folder from being empty.
  if (code === exitCode.uninstalled) state.remove();
  return code;
}

interface Started {
  readonly enforcer: Enforcer;
  readonly loop: ReconcileLoop;
  readonly linkServer: LinkServer;
  readonly control: SocketServer;
}

/** Puts the saved desired state in force; the sockets are not open yet. */
function start({
  environment,
  ...given
}: Pick<EnforcerDeps, 'log' | 'state' | 'identity' | 'uninstalled'> & { environment: Environment }): Started {
  const { log, state } = given;
  const platform = platformFor(environment, state, log);
  const isolation = platform.openIsolation();
  log('enforcement found', { unable: isolation.unable });
  const enforcer = assemble({
    ...given,
    isolation,
    platform,
    changesAllowed: changesAllowedIn(environment) ?? platform.changesAllowed,
    notices: noticesFor(environment, log),
    isProtected: () => environment['CORDON_AGENT_PROTECTED'] === '1' || state.isProtected,
    now: Date.now,
    send: (message) => linkServer.send(message),
  });
  const { desiredState } = enforcer;
  const loop = new ReconcileLoop({ name: 'tick', reconcile: () => desiredState.tick(), log });
  const spare = new SpareMemory();
  const linkServer: LinkServer = new LinkServer({
    path: socketPath(environment),
    group: process.getuid?.() === 0 ? linkUser(environment).gid : undefined,
    opened: () => linkServer.send(desiredState.gateways()),
    received: (message) => {
      attempt(log, message.type, () => enforcer.handle(message));
      loop.run();
      spare.used();
    },
    misbehaved: (message) => log('link turned away', { message }),
  });
  const control = controlServer(controlPath(environment), (request) => {
    if (request.type === 'objects') return enforcer.status();
    const answer = desiredState.breakGlass(request.code);
    loop.run();
    return answer;
  });
  desiredState.start();
  const noticed = (): void => {
    desiredState.noticed();
    loop.run();
  };
  // Without it we still verify every two seconds.
  attempt(log, 'watch', () => isolation.watch(noticed));
  loop.run();
  return { enforcer, loop, linkServer, control };
}

/** Undefined where the setting is not given. */
function changesAllowedIn(environment: Environment): number | undefined {
  const given = environment['CORDON_AGENT_CHANGES_PER_HOUR'];
  if (given === undefined) return undefined;
  const allowed = Number(given);
  if (Number.isInteger(allowed) && allowed > 0 && allowed <= 10_000) return allowed;
  throw new Error('CORDON_AGENT_CHANGES_PER_HOUR must be a whole number from 1 to 10000.');
}

/** Trials and tests keep their state elsewhere, and disturb nobody unless they say where. */
function noticesFor(environment: Environment, log: Log): UserNotices {
  const path = environment['CORDON_AGENT_MOTD'];
  if (path !== undefined) return new UserNoticeFiles(path, log);
  return stateFolder(environment) === stateFolder({}) ? new UserNoticeFiles('/run/motd.d/cordon', log) : nobody;
}

/** Builds the enforcer out of its controllers: the one place that knows how they are connected. */
import { createPublicKey } from 'node:crypto';
import type { ObjectsStatus } from '../ipc/control-messages.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';
import type { Log } from '../log.ts';
import { AddressBlocking } from './address-blocking/address-blocking.ts';
import { userName } from './address-blocking/user-name.ts';
import { ChangeHistory } from './desired-state/change-history.ts';
import { DesiredStateController } from './desired-state/desired-state-controller.ts';
import { Outcome } from './desired-state/outcome.ts';
import { Reporter } from './desired-state/reporter.ts';
import type { Addressee } from './desired-state/verify.ts';
import { DetectionController } from './detections/detection-controller.ts';
import { receive, workerEvents } from './inbox.ts';
import type { Controllers } from './inbox.ts';
import { IsolationController } from './isolation/isolation-controller.ts';
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import type { UserNotices } from './notices/user-notice.ts';
import { ListSync } from './objects/list-sync.ts';
import { ObjectController } from './objects/object-controller.ts';
import { ObjectList } from './objects/object-list.ts';
import type { Platform } from './platform.ts';
import { Signer } from './state/signer.ts';
import type { Identity, State } from './state/state.ts';
import { Tasks } from './tasks/tasks.ts';
import { stopWorkers } from './workers/stop-workers.ts';
import type { Workers } from './workers/workers.ts';

export interface EnforcerDeps {
  readonly identity: Identity;
  readonly state: State;
  readonly isolation: IsolationKernel;
  readonly platform: Pick<Platform, 'openAddresses' | 'openWorkers'>;
  /** How often an hour a desired state may change the isolation. */
  readonly changesAllowed: number;
  readonly notices: UserNotices;
  readonly isProtected: () => boolean;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
  /** The agent is uninstalled: state removed, nothing left to do. */
  readonly uninstalled: () => void;
}

export interface Enforcer {
  readonly handle: (message: ToEnforcer) => void;
  readonly desiredState: DesiredStateController;
  /** Of the listed objects, as root may ask for it here. */
  readonly status: () => ObjectsStatus;
  /** The desired state is in force; the workers may connect. */
  readonly open: () => Promise<void>;
  /** Enforcement has ended, and no worker may reconnect. */
  readonly dismiss: () => Promise<void>;
  /** What is in force in the kernel stays in force. */
  readonly close: () => Promise<void>;
}

export function assemble(deps: EnforcerDeps): Enforcer {
  const { identity, state, platform, now, log, send } = deps;
  const signingKey = createPublicKey({ key: Buffer.from(identity.signingKey, 'base64'), format: 'der', type: 'spki' });
  const list = new ObjectList(state.path('objects'), signingKey);
  const workers = platform.openWorkers(workerEvents(() => controllers, log));
  const ground = { addressee: { ...identity, signingKey }, signer: new Signer(identity, now), list, workers };
  const { objects, tasks, detections } = objectControllers(deps, ground, () => controllers.reporter.report());
  const controllers: Controllers = {
    ...isolationControllers(deps, ground, objects),
    listSync: new ListSync({ list, send, log }),
    objects,
    tasks,
    detections,
  };
  return {
    handle: (message) => receive(message, controllers),
    desiredState: controllers.desiredState,
    status: () => ({
      ...objects.controlStatus,
      objects: list.size,
      revision: list.revision,
      workers: { 'on-access': workers.has('on-access'), scanner: workers.has('scanner') },
      spooled: detections.length,
      tasks: tasks.status,
    }),
    open: () => {
      objects.open();
      tasks.open();
      return workers.open();
    },
    dismiss: () => stopWorkers(objects.files.processes),
    close: async () => {
      workers.close();
      objects.close();
      tasks.close();
      await detections.close();
      deps.isolation.close();
    },
  };
}

/** What several controllers stand on. */
interface Ground {
  readonly addressee: Addressee;
  readonly signer: Signer;
  readonly list: ObjectList;
  readonly workers: Workers;
}

function objectControllers(
  deps: EnforcerDeps,
  ground: Ground,
  report: () => void,
): Pick<Controllers, 'objects' | 'tasks' | 'detections'> {
  const { identity, state, platform } = deps;
  const { workers } = ground;
  const objects: ObjectController = new ObjectController({
    ...deps,
    ...ground,
    protectedFilesPath: state.path('protectedFiles'),
    openAddresses: (changed) => {
      const kernel = platform.openAddresses();
      return new AddressBlocking({ ...deps, kernel, userName, onMatch: (match) => detections.add(match), changed });
    },
    tasks: () => tasks,
    enrolledAt: identity.gateways,
    report,
  });
  const tasks = new Tasks({
    ...deps,
    ...ground,
    path: state.path('tasks'),
    settings: () => objects.files.settings,
    toScanner: (message) => workers.send('scanner', message),
  });
  const detections = new DetectionController({ ...deps, ...ground, rule: (sha1) => objects.files.rule(sha1) });
  return { objects, tasks, detections };
}

function isolationControllers(
  deps: EnforcerDeps,
  ground: Ground,
  objects: ObjectController,
): Pick<Controllers, 'desiredState' | 'reporter'> {
  const isolation = new IsolationController({ ...deps, kernel: deps.isolation });
  const outcome = new Outcome(deps.state);
  const reporter: Reporter = new Reporter({
    ...deps,
    ...ground,
    outcome,
    held: () => ({ ...desiredState.held(), objectsRevision: ground.list.revision, objects: objects.held() }),
    issuedAt: () => desiredState.issuedAt,
    canIsolate: isolation.canIsolate,
  });
  const desiredState: DesiredStateController = new DesiredStateController({
    ...deps,
    ...ground,
    isolation,
    outcome,
    changes: new ChangeHistory(deps.state, deps.changesAllowed),
    reporter,
    follow: (desired) => objects.follow(desired),
  });
  return { desiredState, reporter };
}

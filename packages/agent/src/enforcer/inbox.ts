/** Routes each message to the controller that handles it: those of link, and those of the workers. */
import type { ToEnforcer } from '../ipc/link-messages.ts';
import type { WorkerEvents } from '../ipc/worker-server.ts';
import type { Log } from '../log.ts';
import { attempt } from './attempt.ts';
import type { DesiredStateController } from './desired-state/desired-state-controller.ts';
import type { Reporter } from './desired-state/reporter.ts';
import type { DetectionController } from './detections/detection-controller.ts';
import type { ListSync } from './objects/list-sync.ts';
import type { ObjectController } from './objects/object-controller.ts';
import type { Tasks } from './tasks/tasks.ts';

export interface Controllers {
  readonly desiredState: DesiredStateController;
  readonly reporter: Reporter;
  readonly listSync: ListSync;
  readonly objects: ObjectController;
  readonly tasks: Tasks;
  readonly detections: DetectionController;
}

/** A message from link, which may be hostile: what counts in it is signed, and each controller checks that. */
export function receive(message: ToEnforcer, to: Controllers): void {
  switch (message.type) {
    case 'desired':
      return to.desiredState.handle(message.desired);
    case 'sign-hello':
      return to.reporter.hello(message);
    case 'connected':
      to.reporter.report();
      to.listSync.begin(message.objectsRevision);
      to.tasks.connected();
      return to.detections.upload.connected();
    case 'objects-changed':
      return to.listSync.compare(message.revision);
    case 'objects': {
      const changed = to.listSync.receive(message.page);
      if (!changed) return;
      // In force first, reported afterwards.
      to.objects.listChanged(changed);
      return to.reporter.report();
    }
    case 'recorded':
      if (to.reporter.recorded(message.at)) to.desiredState.leave();
      return;
    case 'task':
      return to.tasks.handle(message.task);
    case 'progress-recorded':
      return to.tasks.recorded(message.receipt);
    case 'detections-recorded':
      return to.detections.upload.recorded(message.receipt);
  }
}

/** What the workers do and say. One failure (a full disk, say) does not end the enforcer. */
export function workerEvents(controllers: () => Controllers, log: Log): WorkerEvents {
  const safely = (what: string, act: (to: Controllers) => void): void => attempt(log, what, () => act(controllers()));
  return {
    opened: (worker, greeting) =>
      safely('worker connected', ({ objects, detections, tasks }) => {
        log('worker connected', { worker, pid: greeting.process.pid });
        detections.workerOpened(worker, greeting.process);
        objects.files.opened(worker, greeting);
        if (worker !== 'scanner') return;
        tasks.scannerOpened();
        detections.scannerOpened();
      }),
    closed: (worker) => safely('worker disconnected', ({ objects }) => objects.files.closed(worker)),
    received: {
      'on-access': (message) =>
        safely(message.type, ({ objects, detections }) =>
          message.type === 'match' ? detections.handle('on-access', message) : objects.files.handle(message),
        ),
      scanner: (message) =>
        safely(message.type, ({ objects, detections, tasks }) => {
          if (message.type === 'match') detections.handle('scanner', message);
          else if (message.type === 'progress') tasks.fromScanner(message);
          else objects.files.handle(message);
        }),
    },
  };
}

/** Suspicious objects, their detections, the files in quarantine, and tasks for agents. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type {
  AddTask,
  DetectionAction,
  DetectionPage,
  DetectionSeer,
  DetectionSummary,
  FleetTask,
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  PutObject,
  QuarantineState,
  QuarantinedFile,
  RestoreFiles,
  TaskDetails,
  UndoObject,
  UndoOutcome,
} from '@cordon/protocol/console';
import type { ObjectType } from '@cordon/protocol/words';
import { ConsolePart, within } from './console-api.ts';

export interface ListedObjectFilter {
  readonly type?: string | undefined;
  readonly search?: string | undefined;
  readonly after?: string | undefined;
}

/** What identifies an object. */
export interface ObjectKey {
  readonly type: string;
  readonly content: string;
}

/** The list of suspicious objects, and where each is enforced. */
export class ConsoleObjects extends ConsolePart {
  async list(filter: ListedObjectFilter = {}): Promise<ListedObjectPage> {
    return this.load((all) => all.listedObjectPageShape, consolePaths.objects, filter);
  }

  /** One object: how many agents hold it, and what each agent does about it. */
  async get({ type, content }: ObjectKey): Promise<ObjectDetails> {
    return this.load((all) => all.objectDetailsShape, within(consolePaths.objects, type, content));
  }

  /** What the listing safety check says, and the prevalence; nothing is listed. */
  async check(body: PutObject): Promise<ObjectCheck> {
    return this.post((all) => all.objectCheckShape, `${consolePaths.objects}/check`, body);
  }

  /** Adds or changes an object. What needs a confirmation is refused unless `confirmed` is true. */
  async put(body: PutObject): Promise<ListedObject> {
    return this.post((all) => all.listedObjectShape, consolePaths.objects, body);
  }

  /** Removes an object from the list, and restores every file that was quarantined for it. */
  async undo(body: UndoObject): Promise<UndoOutcome> {
    return this.post((all) => all.undoOutcomeShape, `${consolePaths.objects}/undo`, body);
  }
}

/** Which detections; all fields that are given must match. Times are milliseconds since 1970. */
export interface DetectionFilter {
  readonly agent?: string | undefined;
  readonly group?: string | undefined;
  readonly type?: ObjectType | undefined;
  readonly content?: string | undefined;
  readonly action?: DetectionAction | undefined;
  readonly detectedBy?: DetectionSeer | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Text in path, process, user or host name. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** What agents detected. */
export class ConsoleDetections extends ConsolePart {
  /** The newest first. */
  async list(filter: DetectionFilter = {}): Promise<DetectionPage> {
    return this.load((all) => all.detectionPageShape, consolePaths.detections, filter);
  }

  /** Counts over time and by object. */
  async summary(range: { since?: number; until?: number } = {}): Promise<DetectionSummary> {
    return this.load((all) => all.detectionSummaryShape, `${consolePaths.detections}/summary`, range);
  }
}

export interface QuarantineFilter {
  readonly agent?: string | undefined;
  /** The ID of a copy in quarantine; more than one agent may claim it. */
  readonly quarantine?: string | undefined;
  readonly type?: ObjectType | undefined;
  readonly content?: string | undefined;
  readonly state?: QuarantineState | undefined;
}

/** Files in quarantine. */
export class ConsoleQuarantine extends ConsolePart {
  async list(filter: QuarantineFilter = {}): Promise<QuarantinedFile[]> {
    return (await this.load((all) => all.quarantineListShape, consolePaths.quarantine, filter)).files;
  }

  /** Restores these files of these agents to where they were; returns the task that does it. */
  async restore(body: RestoreFiles): Promise<FleetTask> {
    return this.post((all) => all.fleetTaskShape, `${consolePaths.quarantine}/restore`, body);
  }
}

/** Tasks for agents: sweep, find, restore files, end processes. */
export class ConsoleTasks extends ConsolePart {
  /** The newest first. */
  async list(): Promise<FleetTask[]> {
    return (await this.load((all) => all.fleetTaskListShape, consolePaths.tasks)).tasks;
  }

  async get(id: string): Promise<TaskDetails> {
    return this.load((all) => all.taskDetailsShape, within(consolePaths.tasks, id));
  }

  async add(body: AddTask): Promise<FleetTask> {
    return this.post((all) => all.fleetTaskShape, consolePaths.tasks, body);
  }

  async cancel(id: string): Promise<FleetTask> {
    return this.post((all) => all.fleetTaskShape, `${within(consolePaths.tasks, id)}/cancel`);
  }
}

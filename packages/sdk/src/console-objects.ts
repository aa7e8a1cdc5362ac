/** What Cordon does with suspicious objects beyond the Automation API: detections, groups, tasks and quarantine. */
import { readAnswerAs } from '@cordon/protocol/console/answers';
import type { AnswerName, AnswerOf } from '@cordon/protocol/console/answers';
import type {
  AddTask,
  DetectionPage,
  DetectionSummary,
  FleetTask,
  Group,
  GroupBody,
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  PutObject,
  QuarantinedFile,
  RestoreFiles,
  TaskDetails,
  UndoObject,
  UndoOutcome,
} from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/words';
import type { DetectionAction, DetectionSeer, ObjectType, QuarantineState } from '@cordon/protocol/words';
import type { ConsoleCall, ConsoleClient } from './console-client.ts';
import { ProtocolError } from './errors.ts';

/** Which detections; everything given must fit. Times are milliseconds since 1970. */
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

export interface QuarantineFilter {
  readonly agent?: string | undefined;
  /** The name of a copy in its vault; more than one agent may claim it. */
  readonly quarantine?: string | undefined;
  readonly type?: ObjectType | undefined;
  readonly content?: string | undefined;
  readonly state?: QuarantineState | undefined;
}

interface Name {
  readonly type: string;
  readonly content: string;
}

export class ConsoleObjects {
  readonly #client: ConsoleClient;

  /** Calls are made in the session of `client`. */
  constructor(client: ConsoleClient) {
    this.#client = client;
  }

  /** The newest first. */
  async detections(filter: DetectionFilter = {}): Promise<DetectionPage> {
    return this.#read('DetectionPage', { method: 'GET', path: consolePaths.detections, query: texts(filter) });
  }

  /** Counts over time and by object. */
  async detectionSummary(range: { since?: number; until?: number } = {}): Promise<DetectionSummary> {
    const path = `${consolePaths.detections}/summary`;
    return this.#read('DetectionSummary', { method: 'GET', path, query: texts(range) });
  }

  async groups(): Promise<Group[]> {
    return (await this.#read('GroupList', { method: 'GET', path: consolePaths.groups })).groups;
  }

  /** Adds or changes a group; its agents follow at once. What `body` leaves out stays as it was. */
  async putGroup(name: string, body: GroupBody): Promise<Group> {
    return this.#read('Group', { method: 'PUT', path: inside(consolePaths.groups, name), body });
  }

  async removeGroup(name: string): Promise<void> {
    await this.#client.send({ method: 'DELETE', path: inside(consolePaths.groups, name) });
  }

  /** Puts an agent into a group; its settings reach it at once. */
  async moveToGroup(agent: string, group: string): Promise<void> {
    await this.#client.send({ method: 'PATCH', path: inside(consolePaths.agents, agent), body: { group } });
  }

  async objects(
    filter: { type?: string | undefined; search?: string | undefined; after?: string | undefined } = {},
  ): Promise<ListedObjectPage> {
    return this.#read('ListedObjectPage', { method: 'GET', path: consolePaths.objects, query: texts(filter) });
  }

  /** One object: who holds it, and what each agent does about it. */
  async object({ type, content }: Name): Promise<ObjectDetails> {
    return this.#read('ObjectDetails', { method: 'GET', path: inside(consolePaths.objects, type, content) });
  }

  /** What the shield would say, and how many agents hold it; nothing is listed. */
  async checkObject(body: PutObject): Promise<ObjectCheck> {
    return this.#read('ObjectCheck', { method: 'POST', path: `${consolePaths.objects}/check`, body });
  }

  /** Adds an object, or changes one. What the shield wants confirmed is refused unless `confirmed` is true. */
  async putObject(body: PutObject): Promise<ListedObject> {
    return this.#read('ListedObject', { method: 'POST', path: consolePaths.objects, body });
  }

  /** Off the list, and every file that was quarantined for it back in its place, everywhere. */
  async undoObject(body: UndoObject): Promise<UndoOutcome> {
    return this.#read('UndoOutcome', { method: 'POST', path: `${consolePaths.objects}/undo`, body });
  }

  /** Asks agents to do something once: sweep, find, restore files, end processes. */
  async addTask(body: AddTask): Promise<FleetTask> {
    return this.#read('FleetTask', { method: 'POST', path: consolePaths.tasks, body });
  }

  /** The newest first. */
  async tasks(): Promise<FleetTask[]> {
    return (await this.#read('FleetTaskList', { method: 'GET', path: consolePaths.tasks })).tasks;
  }

  async task(id: string): Promise<TaskDetails> {
    return this.#read('TaskDetails', { method: 'GET', path: inside(consolePaths.tasks, id) });
  }

  async cancelTask(id: string): Promise<FleetTask> {
    return this.#read('FleetTask', { method: 'POST', path: `${inside(consolePaths.tasks, id)}/cancel` });
  }

  async quarantine(filter: QuarantineFilter = {}): Promise<QuarantinedFile[]> {
    const call = { method: 'GET', path: consolePaths.quarantine, query: texts(filter) } as const;
    return (await this.#read('QuarantineList', call)).files;
  }

  /** Puts these files of these agents back where they were; the task that does it. */
  async restoreFiles(body: RestoreFiles): Promise<FleetTask> {
    return this.#read('FleetTask', { method: 'POST', path: `${consolePaths.quarantine}/restore`, body });
  }

  async #read<A extends AnswerName>(name: A, call: ConsoleCall): Promise<AnswerOf<A>> {
    const value = await this.#client.send(call);
    const read = readAnswerAs(name, value);
    if (read !== undefined) return read;
    throw new ProtocolError(`${call.method} ${call.path} was answered with something else than a ${name}.`, {
      httpStatus: 200,
      body: JSON.stringify(value) ?? '',
      hint: 'Server and client are of versions that do not fit; bring both to the newer one.',
    });
  }
}

function inside(path: string, ...parts: string[]): string {
  return [path, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

function texts(filter: object): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
}

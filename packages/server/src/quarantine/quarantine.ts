/** The files in the agents' quarantines, as their detections report them, and restoring them. */
import type { Detection, ObjectName, TaskWork } from '@cordon/protocol/channel';
import type { FleetTask, QuarantinedFile, RestoreFiles } from '@cordon/protocol/console';
import type { Folders } from '../access/scope.ts';
import type { Actor } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { FileFilter, FileRow, NamedFile } from './queries.ts';
import {
  addFiles,
  countsOf,
  countsOfAgent,
  dropRestored,
  filesNamed,
  holdersOf,
  listFiles,
  purgeOfRemoved,
  purgeRestored,
  setState,
  setStateOfObject,
} from './queries.ts';

export interface QuarantineDeps {
  readonly database: Database;
  readonly tasks: Tasks;
  /** A message that says which listed objects act on files with these contents; undefined if none does. */
  readonly stillListed: (tx: Queries, contents: readonly string[]) => Promise<string | undefined>;
}

const maxListed = 1000;
/** A real quarantine holds far fewer; more than this is not believed. */
const maxPerAgent = 20_000;
const purgedAtOnce = 500;
const agentsAtOnce = 20;

export class Quarantine {
  readonly #deps: QuarantineDeps;

  constructor(deps: QuarantineDeps) {
    this.#deps = deps;
  }

  async list(filter: FileFilter & { readonly scope: Folders }): Promise<QuarantinedFile[]> {
    return (await listFiles(this.#deps.database.read, filter, maxListed)).map(shown);
  }

  /** Asks the agents to restore these files; files outside the scope are treated as nonexistent. */
  async restore(actor: Actor, body: RestoreFiles, scope: Folders): Promise<FleetTask> {
    const copies = body.files.map(({ agent, quarantine }) => ({
      agent: agent.toLowerCase(),
      quarantine: quarantine.toLowerCase(),
    }));
    const id = await this.#deps.database.write(async (tx) => {
      const files = (await filesNamed(tx, copies, scope)).filter((file) => file.state !== 'restored');
      if (files.length === 0) {
        const message = 'None of these files is quarantined. GET /api/v1/quarantine lists quarantined files.';
        throw new ConsoleRefusal(404, 'quarantine-unknown', message);
      }
      const contents = files.map((file) => file.object_content);
      const listed = body.confirmed === true ? undefined : await this.#deps.stillListed(tx, contents);
      if (listed !== undefined) throw new ConsoleRefusal(409, 'still-listed', listed);
      const perAgent = new Map<number, string[]>();
      for (const file of files) {
        const mine = perAgent.get(file.agent_number) ?? [];
        perAgent.set(file.agent_number, [...mine, file.quarantine]);
      }
      for (const [agent, mine] of perAgent) {
        await setState(tx, { agent, names: mine, from: ['quarantined'] }, { state: 'restoring', message: null });
      }
      const works = new Map([...perAgent].map(([agent, mine]) => [agent, restoring(mine)]));
      const target = files
        .map((file) => `${fromJson(file.path).text} on ${file.entity_id} (${file.host_name})`)
        .join(', ');
      const work = restoring(files.slice(0, 1000).map((file) => file.quarantine));
      return this.#deps.tasks.request(tx, actor, { work, works, target, reason: body.reason ?? '' });
    });
    this.#deps.tasks.publishChange(id);
    return this.#deps.tasks.one(id, scope);
  }

  /** Records from new detections which files were quarantined and which were restored. */
  async note(tx: Queries, agent: number, fresh: readonly Detection[]): Promise<void> {
    const moved = fresh.filter((one) => one.action === 'quarantined').flatMap((one) => fileOf(agent, one));
    if (moved.length > 0) await this.#add(tx, agent, distinct(moved));
    const back = fresh.filter((one) => one.action === 'restored').flatMap(nameInQuarantine);
    const from = ['quarantined', 'restoring'] as const;
    await setState(tx, { agent, names: back, from }, { state: 'restored', message: null });
  }

  /**
   * Deletes records of restored files older than `before`, and those of removed agents, which can restore nothing any
   * more. The files stay in the endpoints' quarantines, with the key.
   */
  async forget(before: number): Promise<void> {
    const { database } = this.#deps;
    while ((await database.write((tx) => purgeRestored(tx, before, purgedAtOnce))) === purgedAtOnce);
    while ((await database.write((tx) => purgeOfRemoved(tx, agentsAtOnce))) === agentsAtOnce);
  }

  /**
   * A restore has ended on an agent, or is no longer expected. A file counts as restored once a detection says so;
   * until then, it counts as quarantined.
   */
  async settle(tx: Queries, agent: number, ended: { work: TaskWork; message: string | null }): Promise<void> {
    const { work } = ended;
    if (work.kind !== 'restore-files') return;
    const message = ended.message ?? 'The agent ended the task without reporting this file.';
    const still = { state: 'quarantined', message } as const;
    const names = work.quarantine ?? [];
    if (names.length > 0) await setState(tx, { agent, names, from: ['restoring'] }, still);
    if (work.object !== null) await setStateOfObject(tx, { agent, object: work.object, from: 'restoring' }, still);
  }

  /** The agents that have files of an object; their files count as being restored from now on. */
  async releaseAll(tx: Queries, object: ObjectName): Promise<number[]> {
    const agents = await holdersOf(tx, object);
    await setStateOfObject(tx, { object, from: 'quarantined' }, { state: 'restoring', message: null });
    return agents;
  }

  /**
   * Records of restored files are dropped to make room for quarantined ones, so that neither can grow without limit.
   */
  async #add(tx: Queries, agent: number, files: readonly FileRow[]): Promise<void> {
    const { held, restored } = await countsOfAgent(tx, agent);
    if (held >= maxPerAgent) return;
    const excess = held + restored + files.length - maxPerAgent;
    if (excess > 0 && restored > 0) await dropRestored(tx, agent, excess);
    await addFiles(tx, files);
  }

  /** How many files of each of these contents are quarantined, by `type content`. */
  counts(contents: readonly string[]): Promise<Map<string, number>> {
    return countsOf(this.#deps.database.read, contents);
  }
}

function restoring(names: readonly string[]): TaskWork {
  return { kind: 'restore-files', quarantine: [...names], object: null };
}

function fileOf(agent: number, { object, file, at }: Detection): FileRow[] {
  if (file === null || file.quarantine === null) return [];
  const { text, bytes } = file.path;
  return [
    {
      agent_number: agent,
      quarantine: file.quarantine.toLowerCase(),
      object_type: object.type,
      object_content: object.content.replaceAll('\u0000', ''),
      path: toJson({ text, ...(bytes === undefined ? {} : { bytes }) }),
      sha1: file.sha1,
      size: file.size,
      at,
      state: 'quarantined',
      message: null,
    },
  ];
}

/** One statement can insert each name only once. */
function distinct(files: readonly FileRow[]): FileRow[] {
  return [...new Map(files.map((file) => [file.quarantine, file])).values()];
}

function nameInQuarantine({ file }: Detection): string[] {
  return file === null || file.quarantine === null ? [] : [file.quarantine.toLowerCase()];
}

function shown(file: NamedFile): QuarantinedFile {
  return {
    quarantine: file.quarantine,
    agent: file.entity_id,
    hostName: file.host_name,
    object: { type: file.object_type, content: file.object_content },
    path: fromJson(file.path),
    sha1: file.sha1,
    size: file.size,
    at: file.at,
    state: file.state,
    message: file.message,
  };
}

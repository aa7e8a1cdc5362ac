/** Runs the command line in this process, in a world of its own, and records what a user would see. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../packages/cli/src/main.ts';
import type { World } from '../../packages/cli/src/world/world.ts';
import { admin } from './stub-console.ts';
import { startStub } from './stub-server.ts';
import type { Stub } from './stub-server.ts';

export interface Setting {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** What a person at a terminal types, in order, some of it in response to output. Undefined: no person. */
  readonly answers?: (string | ((shown: string) => string))[];
  /** Width of the terminal; undefined: output goes to a pipe. */
  readonly columns?: number;
  readonly color?: boolean;
  /** The clock of the world; the real one by default. */
  readonly now?: number;
  /** How far the world's clock is ahead of the real one, milliseconds. */
  readonly ahead?: number;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Sees each piece of output as it is written. */
  readonly onOut?: (text: string) => void;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The server that the command line uses: the stub, or a real one. */
export interface Served {
  readonly url: string;
  readonly fingerprint: string;
  readonly applicationId: string;
  readonly apiKey: string;
  close(): Promise<void>;
}

export class Harness<Server extends Served = Stub> {
  readonly stub: Server;
  readonly folder: string;

  constructor(stub: Server, folder: string) {
    this.stub = stub;
    this.folder = folder;
  }

  static async start(): Promise<Harness> {
    return new Harness(await startStub(), await mkdtemp(join(tmpdir(), 'cordon-cli-')));
  }

  async stop(): Promise<void> {
    await this.stub.close();
    await rm(this.folder, { recursive: true });
  }

  /** As the quickstart's server writes it. */
  async writeFirstRun(changes: Record<string, unknown> = {}): Promise<void> {
    const { url, fingerprint, applicationId, apiKey } = this.stub;
    const practiceAgent = { entity_id: '492E8584-0114-694D-BF9D-44CC20141501', host_name: 'client01' };
    const firstRun = { url, fingerprint, applicationId, apiKey, admin, practiceAgent, ...changes };
    await writeFile(join(this.folder, 'first-run.json'), JSON.stringify(firstRun));
  }

  async login(changes: Record<string, unknown> = {}): Promise<void> {
    await this.writeFirstRun(changes);
    const { code, err } = await this.run('login --from first-run.json');
    if (code !== 0) throw new Error(err);
  }

  async profiles(): Promise<string> {
    return readFile(this.profilesPath, 'utf8');
  }

  get profilesPath(): string {
    return join(this.folder, 'config', 'cordon', 'profiles.json');
  }

  async mode(path: string): Promise<string> {
    return ((await stat(path)).mode & 0o777).toString(8);
  }

  /** Words are split at spaces; `"two words"` stay together. */
  async run(line: string, setting: Setting = {}): Promise<Ran> {
    const [out, err] = [[] as string[], [] as string[]];
    const answers = [...(setting.answers ?? [])];
    const answer = (question: string): Promise<string> => {
      err.push(question);
      const next = answers.shift() ?? '';
      return Promise.resolve(typeof next === 'string' ? next : next(err.join('')));
    };
    const screen = {
      isTerminal: setting.columns !== undefined,
      columns: setting.columns ?? 0,
      color: setting.color ?? false,
    };
    const world: World = {
      args: [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''),
      env: { XDG_CONFIG_HOME: join(this.folder, 'config'), ...setting.env },
      cwd: this.folder,
      home: this.folder,
      out: {
        ...screen,
        write: (text) => {
          out.push(text);
          setting.onOut?.(text);
        },
      },
      err: { ...screen, isTerminal: false, write: (text) => void err.push(text) },
      input: {
        isTerminal: setting.answers !== undefined,
        readAll: () => Promise.resolve(setting.stdin ?? ''),
        ask: answer,
        askSecret: answer,
      },
      now: () => setting.now ?? Date.now() + (setting.ahead ?? 0),
      signal: setting.signal ?? new AbortController().signal,
    };
    const code = await run(world);
    return { code, out: this.#neutral(out.join('')), err: this.#neutral(err.join('')) };
  }

  /** What a terminal would show, one command after the other. */
  async transcript(lines: readonly (string | readonly [string, Setting])[]): Promise<string> {
    const parts: string[] = [];
    for (const line of lines) {
      const [text, setting] = typeof line === 'string' ? [line, {}] : line;
      const { code, out, err } = await this.run(text, setting);
      const errors = err === '' ? '' : err.replace(/\n?$/, '\n').replaceAll(/^/gm, '! ').replace(/! $/, '');
      parts.push(`$ cordon ${text}\n${out}${errors}${code === 0 ? '' : `(exit ${code})\n`}`);
    }
    return parts.join('\n');
  }

  /** Ports, folders, fingerprints and durations differ from run to run. */
  #neutral(text: string): string {
    return text
      .replaceAll(new URL(this.stub.url).host, 'cordon.test:8443')
      .replaceAll(this.folder, '/home/me')
      .replaceAll(this.stub.fingerprint, '<fingerprint>')
      .replaceAll(/\b\d+\.\d+ s\b/g, '0.0 s')
      .replaceAll(/(Valid to +).*/g, '$1<date>')
      .replaceAll(/(console until )\d{4}-\d\d-\d\dT[\d:.]+Z/g, '$1<moment>')
      .replaceAll(/(Console +\w+, until )[\d: -]+UTC/g, '$1<moment>')
      .replaceAll(/valid until .* \(\d+ days\)/g, 'valid until <date>');
  }
}

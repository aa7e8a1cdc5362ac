/** A company of booted machines: a server from its package, and a person with the cordon command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../harness/eventually.ts';
import { Lan, Machine } from './machine.ts';

const command = fileURLToPath(new URL('../../packages/cli/bin/cordon.mjs', import.meta.url));

export class Company {
  readonly lan: Lan;
  readonly server: Machine;
  readonly #home = mkdtempSync(join(tmpdir(), 'cordon-person-'));

  /** Boots the server's machine, installs the package on it, and signs in. */
  static async make(serverPackage: string): Promise<Company> {
    const lan = await Lan.make();
    const server = await Machine.make(lan, 'server', '10.77.0.1');
    const company = new Company(lan, server);
    await server.bring(serverPackage);
    await server.must('dpkg -i /root/cordon-server_*.deb');
    await company.#signIn();
    return company;
  }

  private constructor(lan: Lan, server: Machine) {
    this.lan = lan;
    this.server = server;
  }

  /** Runs the cordon command on the network of the company; returns what it prints. */
  cordon(...args: string[]): string {
    const home = [`HOME=${this.#home}`, `XDG_CONFIG_HOME=${this.#home}`];
    return this.lan.namespace.run('env', ...home, process.execPath, command, ...args);
  }

  /** As `cordon` with --json. */
  ask(...args: string[]): Record<string, unknown> {
    return Object(JSON.parse(this.cordon(...args, '--json')));
  }

  async close(): Promise<void> {
    await this.server.close();
    this.lan.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #signIn(): Promise<void> {
    const file = '/var/lib/cordon-server/first-run.json';
    const written = await eventually('the server has started', async () => {
      const { code, output } = await this.server.run(`cat ${file}`);
      return code === 0 ? output : undefined;
    });
    const firstRun = join(this.#home, 'first-run.json');
    writeFileSync(firstRun, JSON.stringify({ ...JSON.parse(written), url: `https://${this.server.address}:8443` }));
    this.cordon('login', '--from', firstRun);
    const { application, apiKey } = this.ask('apps', 'add', 'soc');
    const home = [`HOME=${this.#home}`, `XDG_CONFIG_HOME=${this.#home}`];
    const login = [
      process.execPath,
      command,
      'login',
      '--application-id',
      String(Object(application).id),
      '--api-key-stdin',
    ];
    this.lan.namespace.feed(`${String(apiKey)}\n`, 'env', ...home, ...login);
  }
}

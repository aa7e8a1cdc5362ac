/** A machine that really boots: Debian with systemd in a container of its own, on this machine's kernel. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Namespace } from '../harness/network-namespace.ts';
import { copyImage, imageOf } from './root-filesystem.ts';
import type { Suite } from './root-filesystem.ts';

const bootMs = 60_000;
const commandMs = 60_000;

export interface Ran {
  readonly code: number;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/** A switch that machines are plugged into. Nothing leads out of it. */
export class Lan {
  readonly namespace: Namespace;
  #ports = 0;

  static async make(): Promise<Lan> {
    const namespace = await Namespace.make();
    namespace.ip('link add br0 type bridge');
    namespace.ip('link set br0 up');
    namespace.ip('addr add 10.77.0.254/24 dev br0');
    return new Lan(namespace);
  }

  private constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /** The name of the port, for captures. */
  plug(machine: Namespace): string {
    this.#ports += 1;
    const port = `port${this.#ports}`;
    this.namespace.cable(port, machine, 'eth0');
    this.namespace.ip(`link set ${port} master br0`);
    return port;
  }

  /** As `plug`, for a machine without a network namespace. */
  tap(): string {
    this.#ports += 1;
    const port = `port${this.#ports}`;
    this.namespace.ip(`tuntap add dev ${port} mode tap`);
    this.namespace.ip(`link set ${port} up master br0`);
    return port;
  }

  /** Gives machines their addresses, from .100 on; a lease is for two minutes. */
  lease(): void {
    const range = '--dhcp-range=10.77.0.100,10.77.0.150,255.255.255.0,2m';
    const quiet = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--leasefile-ro', '--user=root'];
    this.namespace.startServant('dnsmasq', [...quiet, '--interface=br0', '--bind-interfaces', range]);
  }

  close(): void {
    this.namespace.close();
  }
}

interface Running {
  readonly nspawn: ChildProcess;
  readonly network: Namespace;
  /** The process id of its systemd, as this machine numbers it. */
  readonly leader: number;
}

export class Machine {
  readonly name: string;
  readonly address: string;
  readonly #lan: Lan;
  readonly #folder: string;
  #running: Running | undefined;
  /** Of the last boot. */
  port = '';

  /** A new machine that has been booted once. */
  static async make(lan: Lan, name: string, address: string, suite?: Suite): Promise<Machine> {
    const machine = new Machine(lan, name, address, suite);
    await machine.boot();
    await machine.must(
      `printf 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet static\n address ${address}/24\n' >/etc/network/interfaces`,
    );
    await machine.must('systemctl restart networking');
    return machine;
  }

  private constructor(lan: Lan, name: string, address: string, suite: Suite = 'bookworm') {
    this.#lan = lan;
    this.name = name;
    this.address = address;
    this.#folder = mkdtempSync(join(tmpdir(), `cordon-machine-${name}-`));
    mkdirSync(join(this.#folder, 'root'));
    copyImage(imageOf(suite), join(this.#folder, 'disk.ext4'));
  }

  /**
   * Boots, with a fresh kernel network as after power-up, and waits until systemd has started everything. `plugged` is
   * called when the cable is in and nothing runs yet.
   */
  async boot(plugged?: (port: string) => void | Promise<void>): Promise<void> {
    const network = await Namespace.make();
    this.port = this.#lan.plug(network);
    await plugged?.(this.port);
    const console = openSync(join(this.#folder, 'console.log'), 'a');
    const [disk, root] = [join(this.#folder, 'disk.ext4'), join(this.#folder, 'root')];
    const mounted = 'mount -o loop "$1" "$2" && shift 2 && exec "$@"';
    // A process namespace around it: when we end, in whatever way, the kernel ends everything in it.
    const within = [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--mount',
      '--propagation',
      'private',
      '--pid',
      '--kill-child',
      '--mount-proc',
    ];
    const command = ['systemd-nspawn', '--quiet', ...this.#options(root)];
    const nspawn = spawn(
      'nsenter',
      [`--net=/proc/${network.pid}/ns/net`, 'setpriv', ...within, 'sh', '-c', mounted, 'sh', disk, root, ...command],
      {
        stdio: ['ignore', console, console],
      },
    );
    closeSync(console);
    const leader = await this.#leaderOf(nspawn);
    this.#running = { nspawn, network, leader };
    await this.#up();
  }

  /** Runs a shell command as root in the machine. */
  run(command: string, timeout = commandMs): Promise<Ran> {
    const { leader } = this.#on();
    const enter = ['--target', String(leader), '--all', '--', '/bin/sh', '-c', `exec 2>&1; cd; ${command}`];
    const { promise, resolve } = Promise.withResolvers<Ran>();
    execFile('nsenter', enter, { timeout, killSignal: 'SIGKILL' }, (error, output) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 255, output });
    });
    return promise;
  }

  /** As `run`; throws with the output unless it succeeds. */
  async must(command: string, timeout?: number): Promise<string> {
    const { code, output } = await this.run(command, timeout);
    if (code !== 0) throw new Error(`On ${this.name}, "${command}" ended with ${code}:\n${output}`);
    return output;
  }

  /** Copies a file of this machine into it, below /root. */
  async bring(file: string): Promise<void> {
    const { leader } = this.#on();
    const name = file.split('/').at(-1) ?? '';
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    execFile(
      'sh',
      ['-c', 'exec nsenter --target "$1" --all -- sh -c "cat > /root/$2" <"$3"', 'sh', String(leader), name, file],
      (error) => (error === null ? resolve() : reject(error)),
    );
    return promise;
  }

  /** As a person at the machine does it: everything is stopped in order. */
  async shutDown(): Promise<void> {
    const { nspawn, network } = this.#on();
    await this.run('systemctl poweroff');
    await ended(nspawn);
    network.close();
    this.#running = undefined;
  }

  /** What is not on the disk is lost. */
  async cutPower(): Promise<void> {
    const { nspawn, network } = this.#on();
    nspawn.kill('SIGKILL');
    await ended(nspawn);
    network.close();
    this.#running = undefined;
  }

  get console(): string {
    return readFileSync(join(this.#folder, 'console.log'), 'utf8');
  }

  async close(): Promise<void> {
    if (this.#running) await this.cutPower();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #options(root: string): string[] {
    return [
      '-D',
      root,
      '--register=no',
      '--keep-unit',
      '--console=read-only',
      '--machine',
      this.name,
      '--hostname',
      this.name,
      '--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_ADMIN',
      '--boot',
    ];
  }

  /** Until systemd has nothing left to start. It has no bus at first. */
  async #up(): Promise<void> {
    const until = Date.now() + bootMs;
    let said = '';
    while (Date.now() < until) {
      said = (await this.run('systemctl is-system-running --wait')).output.trim();
      if (said === 'running' || said === 'degraded') return;
      await sleep(50);
    }
    throw new Error(`${this.name} is "${said}":\n${this.console}`);
  }

  #on(): Running {
    if (!this.#running) throw new Error(`${this.name} is switched off.`);
    return this.#running;
  }

  /** systemd of the machine, as this machine numbers it: the child of nspawn, which is the child of unshare. */
  async #leaderOf(nspawn: ChildProcess): Promise<number> {
    const until = Date.now() + bootMs;
    while (Date.now() < until && nspawn.exitCode === null) {
      const child = childrenOf(nspawn.pid ?? 0)
        .flatMap(childrenOf)
        .find((one) => commandOf(one) === 'systemd');
      if (child !== undefined) return child;
      await sleep(20);
    }
    throw new Error(`${this.name} did not boot:\n${this.console}`);
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // It has ended.
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // It has ended.
  }
}

/** A machine with Debian's own kernel, from power-up on: emulated, since not every host of these tests can virtualise. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lan } from '../machine.ts';
import { copyImage } from '../root-filesystem.ts';
import type { Disk } from './disk.ts';
import { GuestAgent } from './guest-agent.ts';
import type { Ended } from './guest-agent.ts';

/** Emulated, a boot takes one to three minutes, and several times as long on a busy host. */
const bootMs = 900_000;
const commandMs = 300_000;
const answerMs = 2000;

interface On {
  readonly qemu: ChildProcess;
  readonly guest: GuestAgent;
}

export class VirtualMachine {
  readonly name: string;
  /** Of its cable in the switch, for captures: there from power-up on, and across boots. */
  readonly port: string;
  readonly #lan: Lan;
  readonly #folder: string;
  readonly #disk: Disk;
  #on: On | undefined;

  constructor(lan: Lan, name: string, disk: Disk) {
    this.#lan = lan;
    this.name = name;
    this.#folder = mkdtempSync(join(tmpdir(), `cordon-virtual-${name}-`));
    this.#disk = { ...disk, image: join(this.#folder, 'disk.ext4') };
    copyImage(disk.image, this.#disk.image);
    this.port = lan.tap();
  }

  /** Switches it on. Resolves once the guest answers, which is late in its boot; `isUp` waits for the rest. */
  async boot(): Promise<void> {
    const console = openSync(join(this.#folder, 'console.log'), 'a');
    const socket = join(this.#folder, 'guest.sock');
    rmSync(socket, { force: true });
    const within = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...this.#options(socket)];
    const qemu = spawn('nsenter', [`--net=/proc/${this.#lan.namespace.pid}/ns/net`, 'setpriv', ...within], {
      stdio: ['ignore', console, console],
    });
    closeSync(console);
    const until = Date.now() + bootMs;
    while (Date.now() < until && qemu.exitCode === null) {
      const guest = existsSync(socket) ? new GuestAgent(socket) : undefined;
      if (guest && (await guest.answers(answerMs))) {
        this.#on = { qemu, guest };
        return;
      }
      guest?.close();
      await sleep(answerMs / 4);
    }
    qemu.kill('SIGKILL');
    throw new Error(`${this.name} did not boot:\n${this.console.slice(-4000)}`);
  }

  /** Until systemd has nothing left to start: what it says then. */
  async isUp(): Promise<string> {
    return (await this.run('systemctl is-system-running --wait', bootMs)).output.trim();
  }

  /** Runs a shell command as root in the machine. */
  run(command: string, timeoutMs = commandMs): Promise<Ended> {
    if (!this.#on) throw new Error(`${this.name} is switched off.`);
    return this.#on.guest.run(command, timeoutMs);
  }

  /** As `run`; throws with the output unless it succeeds. */
  async must(command: string, timeoutMs?: number): Promise<string> {
    const { code, output } = await this.run(command, timeoutMs);
    if (code !== 0) throw new Error(`On ${this.name}, "${command}" ended with ${code}:\n${output}`);
    return output;
  }

  /** What its kernel has not written to the disk is lost. */
  async cutPower(): Promise<void> {
    if (!this.#on) return;
    const { qemu, guest } = this.#on;
    this.#on = undefined;
    guest.close();
    if (qemu.exitCode !== null || qemu.signalCode !== null) return;
    const gone = new Promise((resolve) => qemu.once('exit', resolve));
    qemu.kill('SIGKILL');
    await gone;
  }

  /** As a person at the machine does it. */
  async shutDown(): Promise<void> {
    if (!this.#on) return;
    const { qemu, guest } = this.#on;
    const gone = new Promise((resolve) => qemu.once('exit', resolve));
    await guest.run('systemctl poweroff --no-block', commandMs);
    await gone;
    guest.close();
    this.#on = undefined;
  }

  get console(): string {
    return readFileSync(join(this.#folder, 'console.log'), 'utf8');
  }

  async close(): Promise<void> {
    await this.cutPower();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #options(socket: string): string[] {
    const { image, kernel, initrd } = this.#disk;
    return [
      ['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-m', '1024', '-smp', '2'],
      ['-nodefaults', '-display', 'none', '-no-reboot', '-serial', 'stdio', '-device', 'virtio-rng-pci'],
      ['-kernel', kernel, '-initrd', initrd],
      ['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0'],
      ['-drive', `file=${image},format=raw,if=virtio,cache=writeback`],
      ['-netdev', `tap,id=n0,ifname=${this.port},script=no,downscript=no`],
      ['-device', `virtio-net-pci,netdev=n0,mac=${macOf(this.port)}`],
      ['-device', 'virtio-serial-pci', '-chardev', `socket,path=${socket},server=on,wait=off,id=guest`],
      ['-device', 'virtserialport,chardev=guest,name=org.qemu.guest_agent.0'],
    ].flat();
  }
}

/** Locally administered, and another one for each port. */
function macOf(port: string): string {
  return `52:54:00:00:00:${Number(port.replace(/\D/g, '')).toString(16).padStart(2, '0')}`;
}

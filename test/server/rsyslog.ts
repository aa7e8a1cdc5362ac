/** A real rsyslog as a process of its own, which writes what it received to a file. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../cli/certificates.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { isAvailable } from '../harness/availability.ts';

const program = ['/usr/sbin/rsyslogd', '/usr/local/sbin/rsyslogd'].find((path) => existsSync(path));

/** False without rsyslog; in CI it must be there. */
export function hasRsyslog(): boolean {
  const found = program !== undefined && spawnSync(program, ['-v']).status === 0;
  return isAvailable(found, 'syslog; rsyslog is not installed (Debian: apt-get install rsyslog rsyslog-openssl)');
}

export class Rsyslog {
  readonly port: number;
  /** The root of its certificate; null without TLS. */
  readonly ca: string | null;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number, ca: string | null) {
    this.#folder = folder;
    this.port = port;
    this.ca = ca;
  }

  static async start(protocol: 'tcp' | 'tls'): Promise<Rsyslog> {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-rsyslog-'));
    const { certificate, key } = selfSigned(Date.now());
    await writeFile(join(folder, 'certificate.pem'), certificate);
    await writeFile(join(folder, 'key.pem'), key);
    const rsyslog = new Rsyslog(folder, await freePort(), protocol === 'tls' ? certificate : null);
    await writeFile(join(folder, 'rsyslog.conf'), rsyslog.#settings(protocol));
    await rsyslog.run();
    return rsyslog;
  }

  /** Starts, or starts again after `kill`, on the same port and file. */
  async run(): Promise<void> {
    const files = ['-f', join(this.#folder, 'rsyslog.conf'), '-i', join(this.#folder, 'pid')];
    await rm(join(this.#folder, 'pid'), { force: true });
    this.#child = spawn(program ?? '', ['-n', ...files], { stdio: 'ignore' });
    await eventually('rsyslog listens', async () => {
      const socket = connect(this.port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        return true;
      } catch {
        return undefined; // Not yet.
      } finally {
        socket.destroy();
      }
    });
  }

  /** Ends it without a chance to write what it has in memory. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** The lines it has written: MSGID, HOSTNAME and message. */
  async lines(): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'received'), 'utf8').catch(() => '');
    return text.split('\n').slice(0, -1);
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The collector does not escape control characters, so one that got through would break a line. */
  #settings(protocol: 'tcp' | 'tls'): string {
    const file = (name: string): string => join(this.#folder, name);
    const tls = [
      `DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="${file('certificate.pem')}"`,
      `DefaultNetstreamDriverCertFile="${file('certificate.pem')}" DefaultNetstreamDriverKeyFile="${file('key.pem')}"`,
    ].join(' ');
    const driver = 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"';
    return `global(workDirectory="${this.#folder}" net.enableDNS="off" parser.escapeControlCharactersOnReceive="off" ${protocol === 'tls' ? tls : ''})
module(load="imtcp" ${protocol === 'tls' ? driver : ''})
template(name="whole" type="string" string="%msgid% %hostname% %msg%\\n")
input(type="imtcp" address="127.0.0.1" port="${this.port}")
action(type="omfile" file="${file('received')}" template="whole")
`;
  }
}

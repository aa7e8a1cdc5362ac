/** People at the console, as tests send their requests: programs by a header, browsers by a cookie. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Role } from '@cordon/protocol/console';
import type { TestServer } from '../harness/server.ts';
import { send } from './wire.ts';
import type { Answer } from './wire.ts';

export const chosenPassword = 'correct horse battery';

/** A signed-in person who sends requests. */
export class Caller {
  readonly token: string;
  readonly #server: TestServer;

  constructor(server: TestServer, token: string) {
    this.#server = server;
    this.token = token;
  }

  get headers(): Readonly<Record<string, string>> {
    return { Authorization: `Session ${this.token}` };
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    const { headers } = this;
    return send(this.#server, { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  /** The status of a stream's answer; then closes it. */
  opens(path: string): Promise<number> {
    const { hostname, port } = new URL(this.#server.url);
    const { headers } = this;
    return new Promise((resolve, reject) => {
      const asked = request({ host: hostname, port, path, headers, agent: false, rejectUnauthorized: false });
      asked.on('error', reject);
      asked.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      asked.end();
    });
  }

  /** The answer's value; throws an Error unless it succeeded. */
  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
    return answer.text === '' ? {} : JSON.parse(answer.text);
  }
}

/** The first Administrator. */
export async function administrator(server: TestServer): Promise<Caller> {
  const { admin } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8'));
  return signedIn(server, admin);
}

export async function signedIn(server: TestServer, who: { user: string; password: string }): Promise<Caller> {
  const answer = await send(server, { method: 'POST', path: '/api/v1/session', body: JSON.stringify(who) });
  if (answer.status !== 200) throw new Error(`${who.user} was not let in: ${answer.text}`);
  return new Caller(server, JSON.parse(answer.text).token);
}

/** A new account that has chosen its own password, signed in. */
export async function person(
  server: TestServer,
  admin: Caller,
  account: { user: string; role: Role; scope?: string[] },
): Promise<Caller> {
  const { password } = await admin.ask('POST', '/api/v1/accounts', account);
  const first = await signedIn(server, { user: account.user, password: String(password) });
  const own = await first.ask('POST', '/api/v1/password', { current: password, password: chosenPassword });
  return new Caller(server, String(own['token']));
}

/** What a browser adds to a request from a page of `origin`, by default our own. */
export function fromPage(server: TestServer, origin = server.url): Readonly<Record<string, string>> {
  return {
    Host: new URL(server.url).host,
    Origin: origin,
    'Content-Type': 'application/json',
    'X-Cordon-Console': '1',
    'Sec-Fetch-Site': origin === server.url ? 'same-origin' : 'cross-site',
  };
}

/** The cookie that an answer sets, as a browser would send it back; undefined if it sets none. */
export function cookieOf(answer: Answer): string | undefined {
  return answer.headers['set-cookie']?.[0]?.split(';')[0];
}

export function reasonOf(answer: Answer): unknown {
  return answer.text.startsWith('{') ? Object(JSON.parse(answer.text).error).reason : undefined;
}

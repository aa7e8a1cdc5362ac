/** The first administrator with a program's session: for console API routes that the SDK does not cover. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../harness/server.ts';
import { send } from './wire.ts';
import type { Answer, RawRequest } from './wire.ts';

export class Person {
  readonly headers: Readonly<Record<string, string>>;
  readonly #server: TestServer;

  private constructor(server: TestServer, headers: Readonly<Record<string, string>>) {
    this.#server = server;
    this.headers = headers;
  }

  static async signIn(server: TestServer): Promise<Person> {
    const { admin } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8'));
    const answer = await send(server, { method: 'POST', path: '/api/v1/session', body: JSON.stringify(admin) });
    return new Person(server, { Authorization: `Session ${JSON.parse(answer.text).token}` });
  }

  call(raw: RawRequest): Promise<Answer> {
    return send(this.#server, { ...raw, headers: { ...raw.headers, ...this.headers } });
  }
}

/**
 * The way in for people who are root at the endpoint: a socket of its own, which link cannot open.
 *
 * One question and one answer a connection, both one line of JSON.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { Lines } from './lines.ts';
import { decodeQuestion } from './control-messages.ts';
import type { Answer, ObjectsStatus, Question } from './control-messages.ts';
import { listenPrivately } from './listen.ts';

const longestQuestion = 1000;
/** Whoever connects and says nothing is shown out. */
const patience = 10_000;

type Answers = (question: Question) => Answer | ObjectsStatus;

export class Counter {
  readonly #path: string;
  readonly #server: Server;
  readonly #answer: Answers;

  constructor(path: string, answer: Answers) {
    this.#path = path;
    this.#answer = answer;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Readable and writable for root alone (or, in trials, whoever runs this). */
  async open(): Promise<void> {
    await listenPrivately(this.#server, this.#path);
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    const lines = new Lines(longestQuestion);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      const [line] = complete ?? [''];
      if (line === undefined) return;
      const question = decodeQuestion(line);
      if (!question) return void socket.destroy();
      socket.end(`${JSON.stringify(this.#answer(question))}\n`);
    });
  }
}

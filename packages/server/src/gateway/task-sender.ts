/** Signs tasks and sends them on each new channel until they are finished. */
import { setImmediate } from 'node:timers/promises';
import { signDocument } from '@cordon/protocol/channel';
import type { SigningKey } from '../secrets/signing-key.ts';
import type { Due } from '../tasks/due.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { sendFrame } from './connections.ts';
import type { Connection, Connections } from './connections.ts';

export interface TaskSenderDeps {
  readonly connections: Connections;
  readonly key: SigningKey;
  readonly tasks: Tasks;
}

export class TaskSender {
  readonly #deps: TaskSenderDeps;

  constructor(deps: TaskSenderDeps) {
    this.#deps = deps;
  }

  /** Sends a task, or its cancellation, to those of its agents that are connected here. */
  async send(task: string): Promise<void> {
    let after: number | undefined = 0;
    while (after !== undefined && this.#deps.connections.size > 0) {
      const page: Awaited<ReturnType<Tasks['due']['ofTask']>> = await this.#deps.tasks.due.ofTask(task, after);
      for (const due of page.due) {
        const connection = this.#deps.connections.get(due.number);
        if (connection !== undefined) this.#send(connection, due);
      }
      after = page.last;
      await setImmediate();
    }
  }

  /** Sends an agent every unfinished task that was not yet sent on this channel. */
  async sendAllTo(connection: Connection): Promise<void> {
    for (const due of await this.#deps.tasks.due.ofAgent(connection.agent.number)) this.#send(connection, due);
  }

  #send(connection: Connection, due: Due): void {
    const isOurs = connection.agent.enrolment === due.document.enrolment;
    if (!isOurs || connection.tasks.has(due.name)) return;
    connection.tasks.add(due.name);
    const task = signDocument('task', due.document, this.#deps.key.privateKey);
    sendFrame(connection.socket, { frame: 'task', task });
  }
}

/** One agent's channel: challenge, hello, desired states out, reports in. All input is untrusted. */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { channelVersion, decodeAgentFrame } from '@cordon/protocol/channel';
import type { AgentFrame, ChannelRefusal, SignedDocument } from '@cordon/protocol/channel';
import type { Arrival, Hello } from '../enrolment/arrival.ts';
import type { Reports } from '../reports/reports.ts';
import type { Detections } from '../detections/detections.ts';
import type { Publish } from '../events/events.ts';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import { maxDue } from '../tasks/due.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Connection, Connections } from './connections.ts';
import { sendFrame } from './connections.ts';
import type { Outbound } from './outbound.ts';
import type { Presence } from './presence.ts';
import type { Receipts } from './receipts.ts';
import type { SignedPages } from './signed-pages.ts';
import type { TaskSender } from './task-sender.ts';

export interface ChannelDeps {
  readonly arrival: Arrival;
  readonly reports: Reports;
  readonly objects: Pick<SuspiciousObjects, 'revision'>;
  readonly pages: SignedPages;
  readonly detections: Detections;
  readonly tasks: Tasks;
  readonly taskSender: TaskSender;
  readonly connections: Connections;
  readonly outbound: Outbound;
  readonly presence: Presence;
  readonly receipts: Receipts;
  readonly server: string;
  /** Of the key that this node shows now. */
  readonly publicKeyPin: () => string;
  readonly now: () => number;
  readonly publish: Publish;
  readonly log: { warn(facts: object, event: string): void };
}

const helloMilliseconds = 10_000;
/** Frames that may wait for the database at once; an honest agent has two. */
const maxWaiting = 32;

export class Channel {
  readonly #deps: ChannelDeps;
  readonly #socket: WebSocket;
  readonly #nonce = randomBytes(24).toString('base64url');
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | undefined;
  /** Frames are handled one after the other, so a report never overtakes the one before it. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #greeted = false;

  constructor(socket: WebSocket, deps: ChannelDeps) {
    this.#deps = deps;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.refuse('hello-late', 'No hello arrived within 10 s.'), helloMilliseconds);
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(isBinary ? '' : data.toString('utf8')));
    socket.on('close', () => this.#closed());
    socket.on('error', () => socket.terminate()); // A broken frame ends this one channel; 'close' follows.
    sendFrame(socket, { frame: 'challenge', version: channelVersion, nonce: this.#nonce });
  }

  refuse(reason: ChannelRefusal, message: string): void {
    sendFrame(this.#socket, { frame: 'refused', reason, message });
    this.#socket.close(reason === 'stopping' ? 1001 : 1008, reason);
  }

  #take(text: string): void {
    if (this.#connection !== undefined) this.#connection.alive = true;
    const frame = decodeAgentFrame(text);
    if (frame === undefined) return this.refuse('frame-invalid', 'This server does not know this frame.');
    if (this.#waiting >= maxWaiting)
      return this.refuse('too-many', `More than ${maxWaiting} frames wait for an answer.`);
    this.#waiting += 1;
    this.#work = this.#work.then(() => this.#handle(frame)).catch((error: unknown) => this.#failed(error));
  }

  async #handle(frame: AgentFrame): Promise<void> {
    this.#waiting -= 1;
    if (frame.frame === 'hello') return this.#hello(frame);
    if (this.#connection === undefined) return this.refuse('hello-invalid', 'The first frame must be a hello.');
    if (frame.frame === 'report') return this.#report(this.#connection, frame.report);
    if (frame.frame === 'objects-after') return this.#sendObjects(frame.revision);
    if (frame.frame === 'progress') return this.#progress(this.#connection, frame.progress);
    return this.#detections(this.#connection, frame.detections);
  }

  async #hello(hello: Hello): Promise<void> {
    if (this.#greeted) return this.refuse('frame-invalid', 'A channel takes one hello only.');
    this.#greeted = true;
    const seen = { nonce: this.#nonce, publicKeyPin: this.#deps.publicKeyPin() };
    const agent = await this.#deps.arrival.arrive(hello, seen);
    clearTimeout(this.#timer);
    if (agent === undefined) return this.refuse('agent-unknown', 'No agent with this ID and key is enrolled here.');
    const objectsRevision = await this.#deps.objects.revision();
    if (this.#socket.readyState !== this.#socket.OPEN) return undefined;
    const connection: Connection = {
      agent,
      socket: this.#socket,
      epoch: hello.epoch,
      objectsRevision: agent.objectsRevision,
      tasks: new Set(),
      alive: true,
    };
    this.#deps.connections.add(connection)?.socket.close(1008, 'replaced');
    this.#connection = connection;
    this.#deps.presence.changed(agent.number, 1);
    this.#deps.publish({ kind: 'connection-changed', agent: agent.entityId });
    // In the same turn, so that nothing is sent before the welcome.
    sendFrame(this.#socket, { frame: 'welcome', server: this.#deps.server, objectsRevision });
    return this.#catchUp(connection, objectsRevision);
  }

  /** Sends what was committed between the hello and the moment other code could find this channel. */
  async #catchUp(connection: Connection, welcomed: number): Promise<void> {
    const revision = await this.#deps.objects.revision();
    if (revision > welcomed) sendFrame(this.#socket, { frame: 'objects-changed', revision });
    await this.#deps.outbound.sendDesiredTo(connection, await this.#deps.arrival.desiredOf(connection.agent));
    await this.#deps.taskSender.sendAllTo(connection);
  }

  async #report(connection: Connection, report: SignedDocument): Promise<void> {
    const recorded = await this.#deps.reports.record(connection.agent, report);
    sendFrame(this.#socket, { frame: 'recorded', at: recorded.at });
    if (recorded.desired !== undefined) await this.#deps.outbound.sendDesiredTo(connection, recorded.desired);
    this.#deps.publish({ kind: 'report-recorded', agent: connection.agent, isolatedAfterMs: recorded.isolatedAfterMs });
    if (recorded.objectsRevision <= connection.objectsRevision) return;
    connection.objectsRevision = recorded.objectsRevision;
    // Some tasks wait until the agent has a certain revision.
    await this.#deps.taskSender.sendAllTo(connection);
  }

  async #progress(connection: Connection, progress: SignedDocument): Promise<void> {
    const { task, at, state } = await this.#deps.tasks.record(connection.agent, progress);
    if (state !== 'running') {
      const receipt = this.#deps.receipts.ofProgress(connection.agent, { task, at });
      sendFrame(this.#socket, { frame: 'progress-recorded', receipt });
    }
    if (connection.tasks.size >= maxDue) await this.#deps.taskSender.sendAllTo(connection);
  }

  async #detections(connection: Connection, detections: SignedDocument): Promise<void> {
    const stored = await this.#deps.detections.record(connection.agent, detections);
    const receipt = this.#deps.receipts.ofDetections(connection.agent, stored);
    sendFrame(this.#socket, { frame: 'detections-recorded', receipt });
  }

  async #sendObjects(after: number): Promise<void> {
    sendFrame(this.#socket, { frame: 'objects', page: await this.#deps.pages.after(after) });
  }

  #failed(error: unknown): void {
    const agent = this.#connection?.agent.entityId;
    this.#deps.log.warn({ agent, error: error instanceof Error ? error.message : String(error) }, 'channel ended');
    this.refuse('frame-invalid', 'A frame could not be handled. The server log has the cause.');
  }

  #closed(): void {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    if (connection !== undefined && this.#deps.connections.remove(connection)) {
      this.#deps.presence.changed(connection.agent.number, 0);
      this.#deps.publish({ kind: 'connection-changed', agent: connection.agent.entityId });
    }
  }
}

/** Keeps one channel to a gateway, and relays between it and the enforcer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { channelVersion } from '@cordon/protocol/channel';
import type { EndpointFacts, GatewayFrame } from '@cordon/protocol/channel';
import type { Log } from '../log.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';
import { messageOf } from '../message-of.ts';
import { aborted } from '../stop.ts';
import { delayBefore, failuresAfter, gatewayAt } from './gateway-choice.ts';
import type { EndedConnection } from './gateway-choice.ts';
import { Connection } from './connection.ts';
import { connectPinned } from './tls.ts';
import type { Pinned } from './tls.ts';

type Gateways = Extract<ToLink, { type: 'gateways' }>;
type Gateway = Gateways['gateways'][number];
type Hello = Extract<ToLink, { type: 'hello' }>;

export interface LinkDeps {
  readonly send: (message: ToEnforcer) => void;
  readonly facts: (canIsolate: boolean) => EndpointFacts;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  /** Milliseconds on a fallback gateway after which the home is tried again. */
  readonly homeRetryMs: number;
}

/** One attempt at a gateway, from its first byte to its end. */
interface Session {
  readonly gateway: Gateway;
  readonly cancel: AbortController;
  connection: Connection | undefined;
  nonce: string | undefined;
  welcomedAt: number | undefined;
  refusal: string | undefined;
}

export class Link {
  readonly #deps: LinkDeps;
  readonly #gatewaysKnown = Promise.withResolvers<void>();
  #gateways: Gateways | undefined;
  #session: Session | undefined;
  #pause = new AbortController();
  #failures = 0;
  /** The channel ended because we change gateways: no failure, and nothing to wait for. */
  #moving = false;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  /** Reconnects until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#interrupt('The agent stops.'), { once: true });
    await Promise.race([this.#gatewaysKnown.promise, aborted(stop)]);
    while (!stop.aborted) {
      this.#moving = false;
      const ended = await this.#attempt();
      if (stop.aborted) return;
      this.#failures = this.#moving ? 0 : failuresAfter(this.#failures, ended, this.#gateways?.gateways.length ?? 1);
      if (!this.#moving) await this.#wait(ended.refusal);
    }
  }

  fromEnforcer(message: ToLink): void {
    switch (message.type) {
      case 'gateways':
        return this.#setGateways(message);
      case 'hello':
        return this.#sendHello(message);
      case 'report':
        return this.#welcomed()?.send({ frame: 'report', report: message.report });
      case 'objects-after':
        return this.#welcomed()?.send({ frame: 'objects-after', revision: message.revision });
      case 'progress':
        return this.#welcomed()?.send({ frame: 'progress', progress: message.progress });
      case 'detections':
        return this.#welcomed()?.send({ frame: 'detections', detections: message.detections });
    }
  }

  async #attempt(): Promise<EndedConnection> {
    const gateways = this.#gateways;
    const gateway = gateways && gatewayAt(gateways.gateways, this.#failures);
    if (!gateway) return { lasted: 0, refusal: undefined };
    const session: Session = {
      gateway,
      cancel: new AbortController(),
      connection: undefined,
      nonce: undefined,
      welcomedAt: undefined,
      refusal: undefined,
    };
    this.#session = session;
    const why = await this.#runSession(session, { ...gateway, publicKeyPins: gateways.publicKeyPins });
    this.#session = undefined;
    const lasted = session.welcomedAt === undefined ? 0 : this.#deps.now() - session.welcomedAt;
    this.#deps.log('disconnected', { gateway: nameOf(gateway), why, lasted, refusal: session.refusal });
    return { lasted, refusal: session.refusal };
  }

  async #runSession(session: Session, to: Pinned): Promise<string> {
    try {
      const received = (frame: GatewayFrame): void => this.#fromGateway(session, frame);
      session.connection = await Connection.open(to, received, session.cancel.signal);
      void this.#watchForHome(session);
      const { why, reason } = await session.connection.ended;
      // Gateways give the reason in a frame of its own, or when they close the channel.
      if (reason !== '') session.refusal ??= reason;
      return why;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** On a fallback: returns home once the home answers again with a pinned key. Only then is this session given up. */
  async #watchForHome(session: Session): Promise<void> {
    const { homeRetryMs, random, log } = this.#deps;
    const { signal } = session.cancel;
    void session.connection?.ended.then(() => session.cancel.abort());
    while (!signal.aborted) {
      // Spread over as long again: the agents of one server do not all return in one moment.
      const due = await sleep(homeRetryMs * (1 + random()), true, { signal, ref: false }).catch(() => false); // The session is over.
      const { gateways: [home] = [], publicKeyPins = [] } = this.#gateways ?? {};
      if (!due || !home || same(session.gateway, home)) continue;
      // If it does not answer, for whatever reason, the present session goes on.
      const answers = await connectPinned({ ...home, publicKeyPins }, signal).catch(() => undefined);
      answers?.socket.destroy();
      if (!answers || session !== this.#session || signal.aborted) continue;
      log('going home', { gateway: nameOf(home) });
      this.#failures = 0;
      this.#moving = true;
      session.connection?.close('The home gateway answers again.');
    }
  }

  async #wait(refusal: string | undefined): Promise<void> {
    const attempt = { failures: this.#failures, gateways: this.#gateways?.gateways.length ?? 1, refusal };
    const delay = delayBefore(attempt, this.#deps.random());
    this.#pause = new AbortController();
    await sleep(delay, undefined, { signal: this.#pause.signal }).catch(() => undefined); // Interrupted: there is something to do now.
  }

  #fromGateway(session: Session, frame: GatewayFrame): void {
    if (session !== this.#session) return;
    const { send, log } = this.#deps;
    switch (frame.frame) {
      case 'challenge':
        return this.#answerChallenge(session, frame);
      case 'welcome':
        session.welcomedAt = this.#deps.now();
        log('connected', { gateway: nameOf(session.gateway), server: frame.server });
        return send({ type: 'connected', objectsRevision: frame.objectsRevision });
      case 'desired':
        return send({ type: 'desired', desired: frame.desired });
      case 'objects-changed':
        return send({ type: 'objects-changed', revision: frame.revision });
      case 'objects':
        return send({ type: 'objects', page: frame.page });
      case 'recorded':
        return send({ type: 'recorded', at: frame.at });
      case 'task':
        return send({ type: 'task', task: frame.task });
      case 'progress-recorded':
        return send({ type: 'progress-recorded', receipt: frame.receipt });
      case 'detections-recorded':
        return send({ type: 'detections-recorded', receipt: frame.receipt });
      case 'refused':
        session.refusal = frame.reason;
        log('refused', { reason: frame.reason, message: frame.message });
        session.connection?.close(frame.message);
    }
  }

  #answerChallenge(session: Session, { nonce }: { nonce: string }): void {
    const publicKeyPin = session.connection?.publicKeyPin;
    if (publicKeyPin === undefined || session.nonce !== undefined) return;
    session.nonce = nonce;
    this.#deps.send({ type: 'sign-hello', nonce, publicKeyPin });
  }

  #sendHello(hello: Hello): void {
    if (this.#session?.nonce !== hello.nonce) return;
    const { agent, signature, epoch, issuedAt, objectsRevision, canIsolate } = hello;
    const facts = this.#deps.facts(canIsolate);
    const newest = { epoch, issuedAt, objectsRevision };
    this.#session.connection?.send({ frame: 'hello', version: channelVersion, agent, signature, facts, ...newest });
  }

  /** A report before the welcome would be refused; the enforcer reports again once it knows of the welcome. */
  #welcomed(): Connection | undefined {
    return this.#session?.welcomedAt === undefined ? undefined : this.#session.connection;
  }

  /** A new home means a new channel. A change of the fallbacks alone does not disturb the present one. */
  #setGateways(gateways: Gateways): void {
    const [before, now] = [this.#gateways?.gateways[0], gateways.gateways[0]];
    this.#gateways = gateways;
    this.#gatewaysKnown.resolve();
    if (before === undefined || now === undefined || same(before, now)) return;
    this.#failures = 0;
    this.#moving = true;
    if (!this.#session || !same(this.#session.gateway, now)) this.#interrupt('The home gateway has changed.');
  }

  #interrupt(why: string): void {
    this.#session?.cancel.abort();
    this.#session?.connection?.close(why);
    this.#pause.abort();
  }
}

function same(one: Gateway, other: Gateway): boolean {
  return one.host === other.host && one.port === other.port;
}

function nameOf(gateway: Gateway): string {
  return `${gateway.host}:${gateway.port}`;
}

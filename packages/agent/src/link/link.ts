/** Keeps one channel to a gateway, and carries frames between it and the enforcer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { channelVersion } from '@cordon/protocol/channel';
import type { EndpointFacts, GatewayFrame } from '@cordon/protocol/channel';
import type { Log } from '../log.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';
import { messageOf } from '../message-of.ts';
import { aborted } from '../stop.ts';
import { delayBefore, failuresAfter, gatewayAt } from './backoff.ts';
import type { Ended } from './backoff.ts';
import { Connection } from './connection.ts';
import { connectPinned } from './tls.ts';

type Gateways = Extract<ToLink, { type: 'gateways' }>;
type Gateway = Gateways['gateways'][number];
type Hello = Extract<ToLink, { type: 'hello' }>;

export interface LinkDeps {
  readonly tell: (message: ToEnforcer) => void;
  readonly facts: (canIsolate: boolean) => EndpointFacts;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  /** Milliseconds on a fallback gateway after which the home is tried again. */
  readonly homeAfter: number;
}

/** One try at a gateway, from its first byte to its end. */
interface Session {
  readonly gateway: Gateway;
  readonly cancel: AbortController;
  connection: Connection | undefined;
  nonce: string | undefined;
  /** Of the channel, as the server speaks it. */
  version: number;
  welcomedAt: number | undefined;
  refusal: string | undefined;
}

export class Link {
  readonly #deps: LinkDeps;
  readonly #known = Promise.withResolvers<void>();
  #gateways: Gateways | undefined;
  #session: Session | undefined;
  #pause = new AbortController();
  #failures = 0;
  /** The channel ended because the home is another one now: no failure, and nothing to wait for. */
  #moving = false;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  /** Connects again and again until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#interrupt('The agent stops.'), { once: true });
    await Promise.race([this.#known.promise, aborted(stop)]);
    while (!stop.aborted) {
      this.#moving = false;
      const ended = await this.#attempt();
      if (stop.aborted) return;
      this.#failures = this.#moving ? 0 : failuresAfter(this.#failures, ended, this.#gateways?.gateways.length ?? 1);
      if (!this.#moving) await this.#rest(ended.refusal);
    }
  }

  fromEnforcer(message: ToLink): void {
    switch (message.type) {
      case 'gateways':
        return this.#learn(message);
      case 'hello':
        return this.#sayHello(message);
      case 'report':
        return this.#welcomed()?.send({ frame: 'report', report: message.report });
      case 'objects-after':
        return this.#welcomed()?.send({ frame: 'objects-after', revision: message.revision });
      case 'progress':
        return this.#welcomedBy(3)?.send({ frame: 'progress', progress: message.progress });
      case 'detections':
        return this.#welcomedBy(3)?.send({ frame: 'detections', detections: message.detections });
    }
  }

  async #attempt(): Promise<Ended> {
    const gateways = this.#gateways;
    const gateway = gateways && gatewayAt(gateways.gateways, this.#failures);
    if (!gateway) return { lasted: 0, refusal: undefined };
    const session: Session = {
      gateway,
      cancel: new AbortController(),
      connection: undefined,
      nonce: undefined,
      version: 0,
      welcomedAt: undefined,
      refusal: undefined,
    };
    this.#session = session;
    const why = await this.#hold(session, { ...gateway, fingerprint: gateways.fingerprint });
    this.#session = undefined;
    const lasted = session.welcomedAt === undefined ? 0 : this.#deps.now() - session.welcomedAt;
    this.#deps.log('disconnected', { gateway: nameOf(gateway), why, lasted, refusal: session.refusal });
    return { lasted, refusal: session.refusal };
  }

  async #hold(session: Session, to: Gateway & { fingerprint: string }): Promise<string> {
    try {
      const received = (frame: GatewayFrame): void => this.#fromGateway(session, frame);
      session.connection = await Connection.open(to, received, session.cancel.signal);
      void this.#longForHome(session, to.fingerprint);
      const { why, reason } = await session.connection.ended;
      // Gateways say the word in a frame of its own, or when they close the channel.
      if (reason !== '') session.refusal ??= reason;
      return why;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** From a fallback it goes home once the home answers again: with our certificate, and before we give up what we have. */
  async #longForHome(session: Session, fingerprint: string): Promise<void> {
    const { homeAfter, random, log } = this.#deps;
    const { signal } = session.cancel;
    void session.connection?.ended.then(() => session.cancel.abort());
    while (!signal.aborted) {
      // Spread over as long again: all who fled from one server do not come back in one moment.
      const due = await sleep(homeAfter * (1 + random()), true, { signal, ref: false }).catch(() => false); // The session is over.
      const home = this.#gateways?.gateways[0];
      if (!due || !home || same(session.gateway, home)) continue;
      // Whatever keeps it from answering, the session with the other one goes on.
      const answers = await connectPinned({ ...home, fingerprint }, signal).catch(() => undefined);
      answers?.destroy();
      if (!answers || session !== this.#session || signal.aborted) continue;
      log('going home', { gateway: nameOf(home) });
      this.#failures = 0;
      this.#moving = true;
      session.connection?.close('The home gateway answers again.');
    }
  }

  async #rest(refusal: string | undefined): Promise<void> {
    const attempt = { failures: this.#failures, gateways: this.#gateways?.gateways.length ?? 1, refusal };
    const delay = delayBefore(attempt, this.#deps.random());
    this.#pause = new AbortController();
    await sleep(delay, undefined, { signal: this.#pause.signal }).catch(() => undefined); // Woken: somebody is wanted now.
  }

  #fromGateway(session: Session, frame: GatewayFrame): void {
    if (session !== this.#session) return;
    const { tell, log } = this.#deps;
    switch (frame.frame) {
      case 'challenge':
        return this.#answerChallenge(session, frame);
      case 'welcome':
        session.welcomedAt = this.#deps.now();
        log('connected', { gateway: nameOf(session.gateway), server: frame.server });
        return tell({ type: 'connected', objectsRevision: frame.objectsRevision });
      case 'desired':
        return tell({ type: 'desired', desired: frame.desired });
      case 'objects-changed':
        return tell({ type: 'objects-changed', revision: frame.revision });
      case 'objects':
        return tell({ type: 'objects', page: frame.page });
      case 'recorded':
        return tell({ type: 'recorded', at: frame.at });
      case 'task':
        return tell({ type: 'task', task: frame.task });
      case 'progress-recorded':
        return tell({ type: 'progress-recorded', receipt: frame.receipt });
      case 'detections-recorded':
        return tell({ type: 'detections-recorded', receipt: frame.receipt });
      case 'refused':
        session.refusal = frame.reason;
        log('refused', { reason: frame.reason, message: frame.message });
        session.connection?.close(frame.message);
    }
  }

  #answerChallenge(session: Session, { nonce, version }: { nonce: string; version: number }): void {
    const fingerprint = this.#gateways?.fingerprint;
    if (fingerprint === undefined || session.nonce !== undefined) return;
    session.nonce = nonce;
    session.version = version;
    this.#deps.tell({ type: 'sign-hello', nonce, fingerprint });
  }

  #sayHello(hello: Hello): void {
    if (this.#session?.nonce !== hello.nonce) return;
    const { agent, signature, epoch, objectsRevision, canIsolate } = hello;
    const facts = this.#deps.facts(canIsolate);
    const frame = { frame: 'hello', version: channelVersion, agent, signature, facts, epoch, objectsRevision } as const;
    this.#session.connection?.send(frame);
  }

  /** A report before the welcome would be refused; the enforcer reports anew once it hears of the welcome. */
  #welcomed(): Connection | undefined {
    return this.#session?.welcomedAt === undefined ? undefined : this.#session.connection;
  }

  /** Who speaks an older version would close the channel at a frame that it does not know. */
  #welcomedBy(version: number): Connection | undefined {
    return (this.#session?.version ?? 0) >= version ? this.#welcomed() : undefined;
  }

  /** Another home than before is where we belong from now on. A mere change of the fallbacks disturbs nobody. */
  #learn(gateways: Gateways): void {
    const [before, now] = [this.#gateways?.gateways[0], gateways.gateways[0]];
    this.#gateways = gateways;
    this.#known.resolve();
    if (before === undefined || now === undefined || same(before, now)) return;
    this.#failures = 0;
    this.#moving = true;
    if (!this.#session || !same(this.#session.gateway, now)) this.#interrupt('Another gateway is our home now.');
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

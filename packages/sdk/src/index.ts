/** Typed client of the Automation API, for Cordon and for Apex Central. Runs in browsers and in Node. */
export { Client } from './client.ts';
export type { ClientOptions } from './client.ts';
export { ConsoleClient } from './console-client.ts';
export type { ConsoleClientOptions } from './console-client.ts';
export { looksLikeEntityId } from './agent.ts';
export type { Agent, AgentQuery, AgentSelector } from './agent.ts';
export type { ActOptions, Agents, CallOptions, RelocateOptions } from './agents.ts';
export type { WaitGoal, WaitOptions } from './waiting.ts';
export type { Server, ServerQuery, Servers } from './servers.ts';
export type { NewFile, NewObject, ObjectFilter, Objects, SuspiciousObject } from './objects.ts';
export type { FileContent } from './file-content.ts';
export { CordonError, NetworkError, ProtocolError, RefusedError } from './errors.ts';
export type { CordonErrorKind, Family } from './errors.ts';
export { parseBaseUrl } from './base-url.ts';
export type { BaseUrl } from './base-url.ts';
export { fetchTransport } from './transport.ts';
export type { Transport, WireAnswer, WireBody, WireRequest } from './transport.ts';
export type { SignableBody } from './body.ts';

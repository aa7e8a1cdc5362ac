/** Generated from tasks.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { taskStatusShape, taskWorkShape } from '../channel/tasks.shape.ts';
import type { TaskStatus, TaskWork } from '../channel/tasks.shape.ts';
import type { ActSelector } from './acts.shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** POST tasks: gives agents something to do once. Without a selector or group it is for the whole fleet. */
export interface AddTask {
  work: TaskWork;
  selector?: ActSelector;
  group?: string;
  reason?: string;
}

/** A task for many agents, and their progress together. */
export interface FleetTask {
  id: string;
  kind: string;
  work: TaskWork;
  requestedBy: string;
  requestedAt: Milliseconds;
  expiresAt: Milliseconds;
  agents: Count;
  /** Agents that have started, finished, or failed (or were too late); the rest are waiting or offline. */
  running: Count;
  done: Count;
  failed: Count;
  /** Sums over all agents. */
  files: Count;
  bytes: Count;
  found: Count;
  /** Agents that found at least one. */
  foundOn: Count;
  state: 'running' | 'done' | 'cancelled';
  /** Why the server ended it, and what that means for agents that were not reached. */
  message: string | null;
  /** True when it also covers endpoints outside the requester's folders: those are not shown, and it cannot be cancelled by them. */
  part?: boolean;
}
export const fleetTaskShape: Shape<FleetTask> = object({
  id: text(),
  kind: text(),
  work: taskWorkShape,
  requestedBy: text(),
  requestedAt: millisecondsShape,
  expiresAt: millisecondsShape,
  agents: countShape,
  running: countShape,
  done: countShape,
  failed: countShape,
  files: countShape,
  bytes: countShape,
  found: countShape,
  foundOn: countShape,
  state: oneOf(['running', 'done', 'cancelled']),
  message: nullable(text()),
  part: optional(boolean()),
});

export interface FleetTaskList {
  tasks: FleetTask[];
}
export const fleetTaskListShape: Shape<FleetTaskList> = object({ tasks: list(fleetTaskShape) });

export interface AgentProgress {
  agent: string;
  hostName: string;
  online: boolean;
  /** Null before the agent's first report. */
  progress: TaskStatus | null;
}
export const agentProgressShape: Shape<AgentProgress> = object({
  agent: text(),
  hostName: text(),
  online: boolean(),
  progress: nullable(taskStatusShape),
});

/** GET tasks/{id}: at most 1000 agents; those that found something or failed come first. */
export interface TaskDetails {
  task: FleetTask;
  agents: AgentProgress[];
}
export const taskDetailsShape: Shape<TaskDetails> = object({ task: fleetTaskShape, agents: list(agentProgressShape) });

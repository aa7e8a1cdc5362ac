/** Tasks for many agents, and how far each has come. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { TaskStatus, TaskWork } from '../channel/tasks.schema.ts';
import { ActSelector } from './acts.schema.ts';

/** POST tasks: gives agents something to do once. Without a selector or group it is for the whole fleet. */
export const AddTask = Type.Object({
  work: TaskWork,
  selector: Type.Optional(ActSelector),
  group: Type.Optional(Type.String({ maxLength: 64 })),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
});

/** A task for many agents, and their progress together. */
export const FleetTask = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  work: TaskWork,
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  expiresAt: Milliseconds,
  agents: Count,
  /** Agents that have started, finished, or failed (or were too late); the rest are waiting or offline. */
  running: Count,
  done: Count,
  failed: Count,
  /** Sums over all agents. */
  files: Count,
  bytes: Count,
  found: Count,
  /** Agents that found at least one. */
  foundOn: Count,
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('cancelled')]),
  /** Why the server ended it, and what that means for agents that were not reached. */
  message: Nullable(Type.String()),
  /** True when it also covers endpoints outside the requester's folders: those are not shown, and it cannot be cancelled by them. */
  part: Type.Optional(Type.Boolean()),
});

export const FleetTaskList = Type.Object({ tasks: Type.Array(FleetTask) });

export const AgentProgress = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  online: Type.Boolean(),
  /** Null before the agent's first report. */
  progress: Nullable(TaskStatus),
});

/** GET tasks/{id}: at most 1000 agents; those that found something or failed come first. */
export const TaskDetails = Type.Object({ task: FleetTask, agents: Type.Array(AgentProgress) });

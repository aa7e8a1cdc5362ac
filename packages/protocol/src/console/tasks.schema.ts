/** Tasks for many agents, and how far each has come. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { Progress, TaskWork } from '../channel/tasks.schema.ts';
import { ActSelector } from './acts.schema.ts';

/** POST tasks: asks agents to do something once. Without a selector or group it is for the whole fleet. */
export const AddTask = Type.Object({
  work: TaskWork,
  selector: Type.Optional(ActSelector),
  group: Type.Optional(Type.String({ maxLength: 64 })),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
});

/** What was asked of many at once, and how far all of them have come. */
export const FleetTask = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  work: TaskWork,
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  expiresAt: Milliseconds,
  agents: Count,
  /** Agents that have begun, have finished, have failed (or were too late); the rest waits or is off. */
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
  /** Why the server itself has ended it, and what that means for agents that were not reached. */
  message: Nullable(Type.String()),
  /** True when it is of endpoints outside of the asker's folders, too: of those nothing is told, and it is not theirs to cancel. */
  part: Type.Optional(Type.Boolean()),
});

export const FleetTaskList = Type.Object({ tasks: Type.Array(FleetTask) });

export const AgentProgress = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  online: Type.Boolean(),
  /** Null before the agent has said anything. */
  progress: Nullable(Type.Omit(Progress, ['agent', 'enrolment', 'task'])),
});

/** GET tasks/{id}: those that found something, or failed, first; at most 1000. */
export const TaskDetails = Type.Object({ task: FleetTask, agents: Type.Array(AgentProgress) });

/** What somebody at the endpoint may ask the enforcer, and what it answers. */
import { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

export const Question = Type.Union([
  Type.Object(
    { ask: Type.Literal('break-glass'), code: Type.String({ maxLength: 200 }) },
    { additionalProperties: false },
  ),
  /** How suspicious objects stand here. */
  Type.Object({ ask: Type.Literal('objects') }, { additionalProperties: false }),
]);
export type Question = Static<typeof Question>;

export const Answer = Type.Object({ done: Type.Boolean(), message: Type.String() });
export type Answer = Static<typeof Answer>;

const Count = Type.Integer({ minimum: 0 });

/** The answer to `objects`. */
export const ObjectsStatus = Type.Object({
  settings: ObjectSettings,
  held: ObjectEnforcementStatus,
  /** On the list, whether anything is done about them here or not. */
  objects: Count,
  revision: Count,
  /** Files that are looked for here. */
  fileRules: Count,
  parts: Type.Object({ 'on-access': Type.Boolean(), scanner: Type.Boolean() }),
  /** Detections that no server has recorded yet. */
  spooled: Count,
  tasks: Type.Array(
    Type.Object({
      task: Type.String(),
      kind: Type.String(),
      files: Count,
      of: Type.Union([Count, Type.Null()]),
      found: Count,
    }),
  ),
});
export type ObjectsStatus = Static<typeof ObjectsStatus>;

const objectsStatus = Compile(ObjectsStatus);
const question = Compile(Question);
const answer = Compile(Answer);

/** Total: a question, or undefined for anything else whatever. */
export function decodeQuestion(line: string): Question | undefined {
  const value = parsed(line);
  return question.Check(value) ? value : undefined;
}

/** Total: an answer, or undefined for anything else whatever. */
export function decodeAnswer(line: string): Answer | undefined {
  const value = parsed(line);
  return answer.Check(value) ? value : undefined;
}

/** Total: an answer, or undefined for anything else whatever. */
export function decodeObjectsStatus(line: string): ObjectsStatus | undefined {
  const value = parsed(line);
  return objectsStatus.Check(value) ? value : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // The caller says who sent it.
  }
}

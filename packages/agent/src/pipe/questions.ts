/** What somebody at the endpoint may ask the enforcer, and what it answers. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

export const Question = Type.Object(
  { ask: Type.Literal('break-glass'), code: Type.String({ maxLength: 200 }) },
  { additionalProperties: false },
);
export type Question = Static<typeof Question>;

export const Answer = Type.Object({ done: Type.Boolean(), sentence: Type.String() });
export type Answer = Static<typeof Answer>;

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

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // The caller says who sent it.
  }
}

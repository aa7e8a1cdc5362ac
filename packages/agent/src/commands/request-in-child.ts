/** Has the enrolment's request made by a process without root, so that the network is never in this one. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { entryPoint } from '../entry.ts';
import type { EnrolInput } from '../link/enrolment/request.ts';
import { Refusal } from '../refusal.ts';

/** The secret goes through a pipe, never through arguments that every user can list. */
export async function requestInChild(input: EnrolInput): Promise<string> {
  const child = spawn(process.execPath, [entryPoint(), 'enrol-request'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(input));
  const [answer, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code === 0) return answer;
  throw new Refusal(complaint.trim() || `The enrolment request ended with ${code ?? 'a signal'}.`);
}

/** Runs the enrolment request in a child process that has given up root. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { dropPrivileges } from '../privileges.ts';
import type { Environment } from '../../ipc/paths.ts';
import { entryPoint } from '../../entry.ts';
import { Refusal } from '../../refusal.ts';
import { messageOf } from '../../message-of.ts';
import { requestEnrolment } from './request.ts';
import type { EnrolInput } from './request.ts';

/** Parent side: the secret goes through a pipe, never through arguments that every user can list. */
export async function askInChild(input: EnrolInput): Promise<string> {
  const child = spawn(process.execPath, [entryPoint(), 'enrol-request'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(input));
  const [answer, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code === 0) return answer;
  throw new Refusal(complaint.trim() || `The enrolment request ended with ${code ?? 'a signal'}.`);
}

/** Child side: the exit code. */
export async function answerParent(environment: Environment): Promise<number> {
  try {
    const input: EnrolInput = JSON.parse(await text(process.stdin));
    dropPrivileges(environment);
    process.stdout.write(await requestEnrolment(input));
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

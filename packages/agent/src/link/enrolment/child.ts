/** Makes the enrolment request in a process that has given up root, and hands its answer to the parent. */
import { text } from 'node:stream/consumers';
import { dropPrivileges } from '../privileges.ts';
import type { Environment } from '../../ipc/paths.ts';
import { messageOf } from '../../message-of.ts';
import { requestEnrolment } from './request.ts';
import type { EnrolInput } from './request.ts';

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

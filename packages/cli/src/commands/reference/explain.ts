/** The command that explains a code of the Automation API, or an exit code. */
import { reasons, reasonsWithErrorCode, reasonsWithResultCode } from '@cordon/protocol/words';
import type { Reason } from '@cordon/protocol/words';
import { hintForReason } from '@cordon/sdk/automation';
import type { Command, Invocation } from '../../command/command.ts';
import { CommandError, exitCodes } from '../../command/failure.ts';

export const commands: readonly Command[] = [
  {
    name: 'explain',
    summary: 'Explain a result code, error code or reason of the API and what to do.',
    arguments: [
      [
        '<code>',
        'A result_code (-103), a Meta.ErrorCode (17), a reason (token-expired) or 1 for success.',
        Object.keys(reasons),
      ],
    ],
    example: 'cordon explain -103',
    run: explain,
  },
];

interface Explained {
  readonly reason: Reason;
  readonly description: string;
  readonly hint: string;
  readonly resultCode: number;
  readonly resultStatus: number;
  readonly errorCode: number;
  readonly metaStatus: number;
}

async function explain(call: Invocation): Promise<void> {
  const code = call.word('code').trim();
  if (code === '1' || code === '0') {
    const where = code === '1' ? 'result_code 1' : 'ErrorCode 0';
    return call.print(
      [],
      `${where} is success: the server accepted the operation; result_content or Data says what it did.\n`,
    );
  }
  const found = meant(code).map(explained);
  if (found.length === 0) {
    throw new CommandError(
      exitCodes.nothingMatched,
      `Neither this API nor Cordon has a code or reason "${code}".`,
      'result_code is negative for a refusal (-2 to -1102), Meta.ErrorCode is positive (2 to 99).',
    );
  }
  const several =
    found.length > 1 ? `${code} stands for ${found.length} reasons; the message beside it says which.\n\n` : '';
  call.print(found, several + found.map(textOf).join('\n'));
}

function meant(code: string): Reason[] {
  const named = Object.keys(reasons).find((name): name is Reason => name === code.toLowerCase());
  if (named !== undefined) return [named];
  if (!/^-?\d{1,6}$/.test(code)) return [];
  const number = Number(code);
  return number < 0 ? reasonsWithResultCode(number) : reasonsWithErrorCode(number);
}

function explained(reason: Reason): Explained {
  return { reason, hint: hintForReason(reason), ...reasons[reason] };
}

function textOf(one: Explained): string {
  const lines = [
    `${one.reason}: ${one.description}.`,
    ...(one.hint === '' ? [] : [`  What to do: ${one.hint}`]),
    `  On the wire: result_code ${one.resultCode} with HTTP ${one.resultStatus}, or ErrorCode ${one.errorCode} with HTTP ${one.metaStatus}.`,
  ];
  return `${lines.join('\n')}\n`;
}

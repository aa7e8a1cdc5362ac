/** The world of the real process: its streams, its environment, its clock. */
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { CommandError, exitCodes } from './failure.ts';
import type { Input, Output, World } from './world.ts';

export function processWorld(): World {
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  return {
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    out: output(process.stdout),
    err: output(process.stderr),
    input: input(),
    now: Date.now,
    signal: interrupted.signal,
  };
}

function output(stream: WriteStream): Output {
  const isTerminal = stream.isTTY;
  // A reader that closes early, `cordon agents list | head`, is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    get columns() {
      return stream.columns;
    },
    color: isTerminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
  };
}

function input(): Input {
  return {
    isTerminal: process.stdin.isTTY,
    readAll: () => textOf(process.stdin),
    ask: (question) => askLine(question, { hidden: false }),
    askSecret: (question) => askLine(question, { hidden: true }),
  };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** On standard error, so that standard output stays what a program may read. */
async function askLine(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline/promises'),
    import('node:stream'),
  ]);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  // Ctrl-C and Ctrl-D close the line; without this the question would stay open for ever.
  const ended = new AbortController();
  lines.once('close', () => {
    ended.abort();
  });
  try {
    if (hidden) process.stderr.write(question);
    return await lines.question(hidden ? '' : question, { signal: ended.signal });
  } catch {
    throw new CommandError(exitCodes.interrupted, 'Nobody answered, and nothing was done.', '');
  } finally {
    if (hidden) process.stderr.write('\n');
    lines.close();
  }
}

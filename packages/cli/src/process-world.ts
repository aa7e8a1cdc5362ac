/** The real process: its streams, environment and clock. */
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { CommandError, exitCodes } from './command/failure.ts';
import { OutputFailure } from './world/output-failure.ts';
import type { Input, Output, World } from './world/world.ts';

export interface ProcessWorld {
  readonly world: World;
  /** Resolves once the streams have reported the result of every write. */
  readonly settled: () => Promise<void>;
}

export function processWorld(): ProcessWorld {
  const ended = new AbortController();
  process.once('SIGINT', () => {
    ended.abort();
  });
  const world = worldUntil(ended);
  return { world, settled: async () => void (await Promise.all([process.stdout, process.stderr].map(settle))) };
}

function worldUntil(ended: AbortController): World {
  return {
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    out: output(process.stdout, 'Standard output', ended),
    err: output(process.stderr, 'Standard error', ended),
    input: input(),
    now: Date.now,
    signal: ended.signal,
  };
}

/** A failed write ends the command, because nobody can see the rest. */
function output(stream: WriteStream, name: string, ended: AbortController): Output {
  const isTerminal = stream.isTTY;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    ended.abort(new OutputFailure(name, error));
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

/** The listener above is notified of a failed write before this callback runs. */
async function settle(stream: WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => setImmediate(resolve));
  });
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

/** On standard error, so that standard output stays readable by programs. */
async function askLine(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline/promises'),
    import('node:stream'),
  ]);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  // Ctrl-C and Ctrl-D close the line; without this the prompt would never end.
  const ended = new AbortController();
  lines.once('close', () => {
    ended.abort();
  });
  try {
    if (hidden) process.stderr.write(question);
    return await lines.question(hidden ? '' : question, { signal: ended.signal });
  } catch {
    throw new CommandError(exitCodes.interrupted, 'No answer; nothing was done.', '');
  } finally {
    if (hidden) process.stderr.write('\n');
    lines.close();
  }
}

/** The one writer of a SQLite database, in its own thread so that no fsync blocks the event loop. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** One statement to run; with `id` 0 it is answered only if it fails. */
export interface WorkerRequest {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export type WorkerAnswer =
  | { readonly id: number; readonly rows: unknown[]; readonly changes: number; readonly lastId: number }
  | { readonly id: number; readonly error: string };

const maxStatements = 500;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread.');
const database = openWriter(String(workerData));
const statements = new Map<string, StatementSync>();

port.on('message', (requests: readonly WorkerRequest[]) => {
  const answers = requests.map(answer).filter((one) => one !== undefined);
  if (answers.length > 0) port.postMessage(answers);
});

function answer(request: WorkerRequest): WorkerAnswer | undefined {
  try {
    const statement = prepared(request.sql);
    if (statement.columns().length > 0) {
      return { id: request.id, rows: statement.all(...request.values), changes: 0, lastId: 0 };
    }
    const { changes, lastInsertRowid } = statement.run(...request.values);
    if (request.id === 0) return undefined;
    return { id: request.id, rows: [], changes: Number(changes), lastId: Number(lastInsertRowid) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

function prepared(sql: string): StatementSync {
  let statement = statements.get(sql);
  if (statement === undefined) {
    if (statements.size >= maxStatements) statements.clear();
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

function openWriter(file: string): DatabaseSync {
  const opened = new DatabaseSync(file, { timeout: 5000 });
  // FULL: an acknowledged commit survives a power cut, not only a crash of the process.
  opened.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  return opened;
}

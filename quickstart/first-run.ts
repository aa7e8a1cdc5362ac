/** `first-run.json`: everything a new user or their script needs to use the quickstart. Mode 0600. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FirstRun {
  readonly url: string;
  readonly fingerprint: string;
  readonly applicationId?: string;
  readonly apiKey?: string;
  readonly admin: { readonly user: string; readonly password: string };
  readonly practiceAgent?: { readonly entity_id: string; readonly host_name: string };
}

/** Returns its content, or throws an Error that says how to recover. */
export async function readFirstRun(data: string): Promise<FirstRun> {
  const file = join(data, 'first-run.json');
  try {
    const value: FirstRun = JSON.parse(await readFile(file, 'utf8'));
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${file} cannot be read (${why}), and it alone has the administrator's password. ` +
        `Remove the directory ${data} to start over, or run "cordon-server reset-admin" and write the file again.`,
      { cause: error },
    );
  }
}

/** Writes the fields in the order of the documentation. */
export async function writeFirstRun(data: string, firstRun: FirstRun): Promise<void> {
  const file = join(data, 'first-run.json');
  const { url, fingerprint, applicationId, apiKey, admin, practiceAgent } = firstRun;
  const ordered = { url, fingerprint, applicationId, apiKey, admin, practiceAgent };
  await writeFile(`${file}.new`, `${JSON.stringify(ordered, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

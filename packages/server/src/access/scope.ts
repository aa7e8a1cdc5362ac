/** Folders that an account is limited to, and whether an agent is in them: in memory, and as a condition of a query. */
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';

/** A scope, once it is parsed. Empty for everywhere. */
export type Folders = readonly string[];

/** For those who are not limited: applications, and the server itself. */
export const everywhere: Folders = [];

/** The folders of a scope in the one form that they are kept in, each once: `Workgroup\Paris`. */
export function scopeForm(folders: readonly string[]): string[] {
  const forms = folders.map((folder) => folderForm(folder).replaceAll(/^\\+|\\+$/g, ''));
  return [...new Set(forms)].sort();
}

/** Whether what lies in `folder` is in `scope`. Letter case counts: what is not surely inside is outside. */
export function inScope(scope: Folders, folder: string): boolean {
  if (scope.length === 0) return true;
  const form = folderForm(folder);
  return scope.some((one) => form === one || form.startsWith(`${one}\\`));
}

/** The same, for a query that has `agents` in it. */
export function agentsInScope(scope: Folders): RawBuilder<SqlBool> {
  if (scope.length === 0) return sql<SqlBool>`1 = 1`;
  const form = sql`replace(agents.folder, '/', '\\')`;
  const folders = scope.map((one) => {
    const below = `${one}\\`;
    // Counted as the databases count: a character outside of the basic plane is one.
    // oxlint-disable-next-line typescript/no-misused-spread -- code points are what is counted
    return sql<SqlBool>`${form} = ${one} or substr(${form}, 1, ${sql.lit([...below].length)}) = ${below}`;
  });
  return sql<SqlBool>`(${sql.join(folders, sql` or `)})`;
}

/** Either slash parts folders. */
function folderForm(folder: string): string {
  return folder.replaceAll('/', '\\');
}

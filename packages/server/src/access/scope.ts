/** Scopes: the folders an account is limited to, checked in memory and in queries. */
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';

/** A parsed scope. Empty means everywhere. */
export type Folders = readonly string[];

/** The scope of applications and of the server itself: no limit. */
export const everywhere: Folders = [];

/** The folders of a scope in the one stored form, each once: `Workgroup\Paris`. */
export function scopeForm(folders: readonly string[]): string[] {
  const forms = folders.map((folder) => folderForm(folder).replaceAll(/^\\+|\\+$/g, ''));
  return [...new Set(forms)].sort();
}

/** Whether `folder` is in `scope`. Letter case counts: a folder that only might be inside is outside. */
export function inScope(scope: Folders, folder: string): boolean {
  if (scope.length === 0) return true;
  const form = folderForm(folder);
  return scope.some((one) => form === one || form.startsWith(`${one}\\`));
}

/** The same check as a condition of a query over `agents`. */
export function agentsInScope(scope: Folders): RawBuilder<SqlBool> {
  if (scope.length === 0) return sql<SqlBool>`1 = 1`;
  const form = sql`replace(agents.folder, '/', '\\')`;
  const folders = scope.map((one) => {
    const below = `${one}\\`;
    // Counted as the databases count: a character outside the basic plane is one.
    // oxlint-disable-next-line typescript/no-misused-spread -- code points are what is counted
    return sql<SqlBool>`${form} = ${one} or substr(${form}, 1, ${sql.lit([...below].length)}) = ${below}`;
  });
  return sql<SqlBool>`(${sql.join(folders, sql` or `)})`;
}

/** Either slash separates folders. */
function folderForm(folder: string): string {
  return folder.replaceAll('/', '\\');
}

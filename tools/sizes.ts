/** Checks sizes: a room has at most a dozen source files, a file at most 300 lines, and none is named as a room beside it. */
import { posix } from 'node:path';
import type { SourceFile, Violation } from './sources.ts';

/** One person can keep this many files in mind. Schemas, and what is generated from them, are read by nobody in a row. */
const maxFilesInRoom = 12;
const maxLines = 300;

/** Every file or room among `files` that is too large, and every file that has a room's name. */
export function checkSizes(files: readonly SourceFile[]): Violation[] {
  const written = files.filter(({ path }) => !path.endsWith('.shape.ts'));
  const rooms = Map.groupBy(
    written.filter(({ path }) => !path.endsWith('.schema.ts')),
    ({ path }) => posix.dirname(path),
  );
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  return [
    ...[...rooms]
      .filter(([, inside]) => inside.length > maxFilesInRoom)
      .map(([room, { length }]) => problemAt(room, `a room with ${length} files; split it at ${maxFilesInRoom}`)),
    ...written
      .filter(({ lines }) => lines > maxLines)
      .map(({ path, lines }) => problemAt(path, `a file of ${lines} lines; split it at ${maxLines}`)),
    ...written
      .filter(({ path }) => folders.has(path.replace(/\.tsx?$/, '')))
      .map(({ path }) => problemAt(path, 'a file named as the folder beside it; move it in')),
  ];
}

function foldersAbove(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

function problemAt(path: string, problem: string): Violation {
  return { path, line: 1, problem };
}

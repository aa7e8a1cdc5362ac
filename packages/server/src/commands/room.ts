/** Opens the commands room: a history and nothing else. */
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { commandRoutes } from './routes.ts';

export function openCommands({ database }: Base): Room {
  return { routes: { console: (scope) => commandRoutes(scope, database) } };
}

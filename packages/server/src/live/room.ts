/** Opens the room of the live pages. */
import { randomUUID } from 'node:crypto';
import type { Sessions } from '../sign-in/sessions.ts';
import type { AgentList } from '../agents/list.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { Live } from './live.ts';
import { liveRoutes } from './routes.ts';

export interface LiveRoom extends Room {
  readonly live: Live;
}

export function openLive({ database }: Base, { list, sessions }: { list: AgentList; sessions: Sessions }): LiveRoom {
  const live = new Live({
    node: randomUUID(),
    notify: (topic) => database.notify(topic),
    changed: (kind) => {
      if (kind === 'agents') list.statesChanged();
    },
    foldersOf: (agents) => list.foldersOf(agents),
    stillValid: (some) => sessions.stillValid(some),
  });
  // `app.ts` closes it before the listeners.
  return { live, routes: { console: (scope) => liveRoutes(scope, live) } };
}

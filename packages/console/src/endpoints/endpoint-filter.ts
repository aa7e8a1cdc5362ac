/** What the list of endpoints is narrowed by, as the address bar holds it. */
import { consolePaths } from '@cordon/protocol/console/paths';
import { withQuery } from '../calls/call.ts';

export interface Filter {
  readonly search: string;
  readonly isolation: string;
  readonly online: string;
}

export function filterIn(query: URLSearchParams): Filter {
  return {
    search: query.get('search') ?? '',
    isolation: query.get('isolation') ?? '',
    online: query.get('online') ?? '',
  };
}

/** Where a part of the list is. */
export function partPath(filter: Filter, offset: number, limit: number): string {
  return withQuery(consolePaths.agents, { ...filter, offset, limit });
}

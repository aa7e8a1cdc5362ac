/** The filter of the endpoint list, as kept in the address bar. */
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

/** The path of one part of the list. */
export function partPath(filter: Filter, offset: number, limit: number): string {
  return withQuery(consolePaths.agents, { ...filter, offset, limit });
}

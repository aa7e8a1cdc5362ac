/** The path of one webhook in the console API. */
import type { Webhook } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';

export function pathOf({ id }: Webhook): string {
  return `${consolePaths.webhooks}/${encodeURIComponent(id)}`;
}

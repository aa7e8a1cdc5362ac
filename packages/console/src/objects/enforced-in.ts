/** Says which groups enforce an object. */
import type { ListedObject } from '@cordon/protocol/console';

/** Domains and URLs are only logged, whatever their scan action is. */
export function enforcedIn({ type, action, enforceIn }: ListedObject): string {
  if (type === 'domain' || type === 'url' || action === 'log') return 'Nowhere (log only)';
  return enforceIn?.join(', ') ?? 'All enforcing groups';
}

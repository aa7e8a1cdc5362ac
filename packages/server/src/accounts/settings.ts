/** Settings that apply to every account. */
import { putSetting, setting } from '../database/named-values.ts';
import { accountSettingsShape } from '@cordon/protocol/console';
import type { AccountSettings } from '@cordon/protocol/console';
import { fits } from '@cordon/protocol/shape';
import type { Queries } from '../database/database.ts';

const settingsName = 'accounts';

export function storeAccountSettings(tx: Queries, settings: AccountSettings): Promise<void> {
  return putSetting(tx, settingsName, JSON.stringify(settings));
}

/** The settings of all accounts; by default nothing is required. */
export async function accountSettings(read: Queries): Promise<AccountSettings> {
  const stored = await setting(read, settingsName);
  const value: unknown = stored === undefined ? undefined : JSON.parse(stored);
  return fits(accountSettingsShape, value) ? value : { requireTotp: [] };
}

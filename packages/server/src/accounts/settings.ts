/** Settings that apply to every account. */
import { accountSettingsShape } from '@cordon/protocol/console';
import type { AccountSettings } from '@cordon/protocol/console';
import { fits } from '@cordon/protocol/shape';
import type { Queries } from '../database/database.ts';

const settingsName = 'accounts';

async function storedSettings(read: Queries): Promise<string | undefined> {
  const row = await read.selectFrom('settings').select('value').where('name', '=', settingsName).executeTakeFirst();
  return row?.value;
}

export async function storeAccountSettings(tx: Queries, value: string): Promise<void> {
  await tx
    .insertInto('settings')
    .values({ name: settingsName, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** The settings of all accounts; by default nothing is required. */
export async function accountSettings(read: Queries): Promise<AccountSettings> {
  const stored = await storedSettings(read);
  const value: unknown = stored === undefined ? undefined : JSON.parse(stored);
  return fits(accountSettingsShape, value) ? value : { requireTotp: [] };
}

/** Each node says which public key it shows, so that no key in use is forgotten. Empty: a node that has not said it. */
import type { Migration } from '../migration.ts';

export const shownKeys: Migration = {
  name: '0002-shown-keys',
  statements: () => [`alter table servers add column public_key_pin text not null default ''`],
};

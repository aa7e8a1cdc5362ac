/** Rows of the webhooks and of the outcomes of their calls. */
import type { Queries, Row } from '../database/database.ts';

export type WebhookRow = Row<'webhooks'>;
export type DeliveryRow = Row<'deliveries'>;

const keptDeliveries = 100;

export function allWebhooks(read: Queries): Promise<WebhookRow[]> {
  return read.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').execute();
}

export function webhook(read: Queries, id: string): Promise<WebhookRow | undefined> {
  return read.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertWebhook(tx: Queries, row: WebhookRow): Promise<void> {
  await tx.insertInto('webhooks').values(row).execute();
}

export type WebhookChange = Partial<Omit<WebhookRow, 'id'>>;

/** The changed row; undefined if there is none (or, with `cursor`, if its cursor has moved). */
export async function updateWebhook(
  tx: Queries,
  which: { id: string; cursor?: number },
  change: WebhookChange,
): Promise<WebhookRow | undefined> {
  let update = tx.updateTable('webhooks').set(change).where('id', '=', which.id);
  if (which.cursor !== undefined) update = update.where('cursor', '=', which.cursor);
  return update.returningAll().executeTakeFirst();
}

/** False if there was none. */
export async function deleteWebhook(tx: Queries, id: string): Promise<boolean> {
  await tx.deleteFrom('deliveries').where('webhook_id', '=', id).execute();
  return (await tx.deleteFrom('webhooks').where('id', '=', id).returning('id').execute()).length === 1;
}

/** Stores the outcome of a call, and deletes all but the last hundred. */
export async function insertDelivery(tx: Queries, row: Omit<DeliveryRow, 'id'>): Promise<DeliveryRow> {
  const made = await tx.insertInto('deliveries').values(row).returningAll().executeTakeFirstOrThrow();
  const old = await tx
    .selectFrom('deliveries')
    .select('id')
    .where('webhook_id', '=', row.webhook_id)
    .orderBy('id', 'desc')
    .offset(keptDeliveries)
    .limit(1)
    .executeTakeFirst();
  if (old !== undefined) {
    await tx.deleteFrom('deliveries').where('webhook_id', '=', row.webhook_id).where('id', '<=', old.id).execute();
  }
  return made;
}

/** Newest first. */
export function deliveriesOf(read: Queries, id: string): Promise<DeliveryRow[]> {
  return read.selectFrom('deliveries').selectAll().where('webhook_id', '=', id).orderBy('id', 'desc').execute();
}

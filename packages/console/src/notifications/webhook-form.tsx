/** The form that adds or changes a webhook. */
import type { JSX } from 'preact';
import type { AddWebhook, Webhook, WebhookWithSecret } from '@cordon/protocol/console';
import { webhookWithSecretShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { KindChoice, kindsIn } from './event-kinds.tsx';
import { pathOf } from './webhook-path.ts';

interface WebhookFormProps {
  readonly webhook?: Webhook | undefined;
  readonly close: () => void;
  readonly done: () => void;
  /** Called with the secret of a new webhook. */
  readonly show: (made: WebhookWithSecret) => void;
}

export function WebhookForm({ webhook, close, done, show }: WebhookFormProps): JSX.Element {
  const submit = async (fields: FormData): Promise<void> => {
    const body = desiredIn(fields);
    if (webhook === undefined) show(await read(webhookWithSecretShape, 'POST', consolePaths.webhooks, { body }));
    else {
      await send('PATCH', pathOf(webhook), { body });
      done();
    }
  };
  return (
    <DialogForm
      title={webhook === undefined ? 'Add a webhook' : `Edit ${webhook.name}`}
      act={webhook === undefined ? 'Add' : 'Save'}
      submit={submit}
      cancel={close}
    >
      <Field label="Name" name="name" value={webhook?.name} required maxLength={64} />
      <Field label="URL" name="url" type="url" value={webhook?.url} required maxLength={2000} placeholder="https://" />
      <Tick name="plain" ticked={webhook?.allowPlain === true}>
        Allow unencrypted HTTP to other hosts
      </Tick>
      <label for="webhook-ca">Custom CA certificates (PEM)</label>
      <textarea
        id="webhook-ca"
        name="ca"
        rows={3}
        aria-describedby="webhook-ca-help"
        defaultValue={webhook?.ca ?? ''}
      />
      <p class="quiet help" id="webhook-ca-help">
        Leave empty to use the system trust store.
      </p>
      <KindChoice chosen={webhook?.kinds ?? []} />
    </DialogForm>
  );
}

function desiredIn(fields: FormData): AddWebhook {
  const ca = textIn(fields, 'ca').trim();
  return {
    name: textIn(fields, 'name').trim(),
    url: textIn(fields, 'url').trim(),
    allowPlain: tickedIn(fields, 'plain'),
    ca: ca === '' ? null : ca,
    kinds: kindsIn(fields),
  };
}

/** Sets up or removes the person's own second factor. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TotpConfirmed, TotpEnrolment } from '@cordon/protocol/console';
import { totpConfirmedShape, totpEnrolmentShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { Copy } from '../widgets/copy.tsx';
import { Field } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { QrCode } from '../widgets/qr-code.tsx';
import { begin, learnSession } from '../session/session.ts';
import type { Me } from '../session/session.ts';

type Step =
  | { readonly kind: 'start' }
  | { readonly kind: 'confirm'; readonly enrolment: TotpEnrolment }
  | { readonly kind: 'codes'; readonly confirmed: TotpConfirmed };

/** Also shown to a person who must set one up first. */
export function SecondFactor({ me }: { me: Me }): JSX.Element {
  const [step, setStep] = useState<Step>({ kind: 'start' });
  return (
    <section class="panel" aria-label="Second factor">
      <h2>Second factor</h2>
      {step.kind === 'codes' ? <Codes confirmed={step.confirmed} /> : null}
      {step.kind === 'confirm' ? <ConfirmIt enrolment={step.enrolment} next={setStep} /> : null}
      {step.kind === 'start' && me.totp ? <Disable /> : null}
      {step.kind === 'start' && !me.totp ? <Begin next={setStep} /> : null}
    </section>
  );
}

function Begin({ next }: { next: (step: Step) => void }): JSX.Element {
  const start = async (fields: FormData): Promise<void> => {
    const enrolment = await read(totpEnrolmentShape, 'POST', consolePaths.totp, {
      body: { password: textIn(fields, 'password') },
    });
    next({ kind: 'confirm', enrolment });
  };
  return (
    <Form act="Set up an authenticator" submit={start}>
      <p>Sign-in then asks for your password and the six-digit code from your authenticator app.</p>
      <Field label="Your password" name="password" type="password" required autocomplete="current-password" />
    </Form>
  );
}

function ConfirmIt({ enrolment, next }: { enrolment: TotpEnrolment; next: (step: Step) => void }): JSX.Element {
  const confirm = async (fields: FormData): Promise<void> => {
    const body = { code: textIn(fields, 'code').trim() };
    next({
      kind: 'codes',
      confirmed: await read(totpConfirmedShape, 'POST', `${consolePaths.totp}/confirm`, { body }),
    });
  };
  return (
    <Form act="Confirm" submit={confirm} cancel={() => next({ kind: 'start' })}>
      <p>
        Scan this code with your authenticator app, or <a href={enrolment.uri}>open it in the app</a> on this device:
      </p>
      <QrCode text={enrolment.uri} label="QR code for the authenticator" />
      <p>Or enter this secret in the app:</p>
      <Copy label="secret" value={enrolment.secret} />
      <Field label="Six-digit code" name="code" required maxLength={40} />
    </Form>
  );
}

function Codes({ confirmed }: { confirmed: TotpConfirmed }): JSX.Element {
  return (
    <>
      <p>
        Second factor enabled. Each of these recovery codes signs you in once if you lose your authenticator. They are
        shown only once:
      </p>
      <Copy long label="recovery codes" value={confirmed.recoveryCodes.join('\n')} />
      <div class="bar">
        <button type="button" class="primary" onClick={() => begin(confirmed.session)}>
          I have saved them
        </button>
      </div>
    </>
  );
}

function Disable(): JSX.Element {
  return (
    <Form act="Disable second factor" danger submit={disable}>
      <p>Your second factor is enabled.</p>
      <Field label="Your password" name="password" type="password" required autocomplete="current-password" />
      <Field label="Code from your authenticator, or a recovery code" name="code" required maxLength={40} />
    </Form>
  );
}

async function disable(fields: FormData): Promise<void> {
  const body = { password: textIn(fields, 'password'), code: textIn(fields, 'code').trim() };
  await send('POST', `${consolePaths.totp}/disable`, { body });
  await learnSession();
}

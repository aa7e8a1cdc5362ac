/** The sign-in page. */
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { textIn } from '../forms/form-data.ts';
import { Notice } from '../widgets/notice.tsx';
import { Icon } from '../widgets/icon.tsx';
import { signIn } from './session.ts';

export function SignInPage({ why }: { why: string | undefined }): JSX.Element {
  const [problem, setProblem] = useState(why);
  const [busy, setBusy] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const code = textIn(fields, 'code').trim();
      const given = { user: textIn(fields, 'user'), password: textIn(fields, 'password') };
      await signIn(code === '' ? given : { ...given, code });
    } catch (error) {
      const asksForCode = error instanceof Refused && error.reason === 'code-required';
      if (asksForCode) setNeedsCode(true);
      setProblem(asksForCode ? undefined : messageOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>
        <Icon name="cordon" /> Cordon
      </h1>
      <form onSubmit={(event) => void submit(event)}>
        <Notice kind="problem" text={problem} />
        <label for="user">User</label>
        <input id="user" name="user" autocomplete="username" required maxLength={64} />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required maxLength={256} />
        {needsCode ? <CodeField /> : null}
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
        <p class="quiet">
          The initial administrator password is in <code>first-run.json</code> in the server's data directory.
        </p>
      </form>
    </main>
  );
}

function CodeField(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <>
      <label for="code">Code from your authenticator, or a recovery code</label>
      <input id="code" name="code" ref={field} autocomplete="one-time-code" inputMode="text" required maxLength={40} />
    </>
  );
}

/** Who is signed in, as every page sees it. */
import { signal } from '@preact/signals';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call, keepToken, whenSignedOut } from '../calls/call.ts';

export interface Me {
  readonly user: string;
}

/** `asking` until the server has said whether there is a session. */
export const session = signal<{ state: 'asking' } | { state: 'nobody'; why?: string } | { state: 'known'; me: Me }>({
  state: 'asking',
});

/** Asks the server who we are. */
export async function learnSession(): Promise<void> {
  try {
    session.value = { state: 'known', me: await call<Me>('GET', consolePaths.session) };
  } catch {
    session.value = { state: 'nobody' };
  }
}

export async function signIn(given: { user: string; password: string }): Promise<void> {
  const me = await call<Me & { token?: string }>('POST', consolePaths.session, { body: given });
  keepToken(me.token);
  session.value = { state: 'known', me };
}

export async function signOut(): Promise<void> {
  await call('DELETE', consolePaths.session);
  keepToken(undefined);
  session.value = { state: 'nobody' };
}

whenSignedOut(() => {
  if (session.value.state === 'known') session.value = { state: 'nobody', why: 'Your session is over. Sign in again.' };
});

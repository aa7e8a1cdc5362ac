/** Who is signed in, as every page sees it. */
import { signal } from '@preact/signals';
import type { Session, SignIn, SignedIn } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call, whenSignedOut } from '../calls/call.ts';
import { closeLive, openLive } from '../calls/live.ts';

/** What every page may need to know of the person. */
export type Me = Pick<Session, 'user' | 'role' | 'scope' | 'totp' | 'mustChangePassword' | 'mustSetUpTotp'>;

/** `asking` until the server has said whether there is a session. */
export const session = signal<{ state: 'asking' } | { state: 'nobody'; why?: string } | { state: 'known'; me: Me }>({
  state: 'asking',
});

/** Asks the server who we are. */
export async function learnSession(): Promise<void> {
  try {
    begin(await call<Me>('GET', consolePaths.session));
  } catch {
    session.value = { state: 'nobody' };
  }
}

export async function signIn(given: SignIn): Promise<void> {
  begin(await call<SignedIn>('POST', consolePaths.session, { body: given }));
}

export async function signOut(): Promise<void> {
  await call('DELETE', consolePaths.session);
  end();
}

/** What a change of one's own account leads to: another session, or other duties in this one. */
export function begin(me: Me): void {
  session.value = { state: 'known', me };
  if (!me.mustChangePassword && !me.mustSetUpTotp) openLive();
}

function end(why?: string): void {
  closeLive();
  session.value = { state: 'nobody', ...(why === undefined ? {} : { why }) };
}

whenSignedOut(() => {
  if (session.value.state === 'known') end('Your session has ended. Sign in again.');
});

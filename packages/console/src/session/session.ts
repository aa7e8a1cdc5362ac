/** The session of the signed-in person, for every page. */
import { signal } from '@preact/signals';
import type { Session, SignIn } from '@cordon/protocol/console';
import { sessionShape, signedInShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send, whenSignedOut } from '../calls/call.ts';
import { closeLive, openLive } from '../calls/live.ts';

/** What pages need to know about the person. */
export type Me = Pick<Session, 'user' | 'role' | 'scope' | 'totp' | 'mustChangePassword' | 'mustSetUpTotp'>;

/** `asking` until the server has answered whether there is a session. */
export const session = signal<{ state: 'asking' } | { state: 'nobody'; why?: string } | { state: 'known'; me: Me }>({
  state: 'asking',
});

/** Requests the present session from the server. */
export async function learnSession(): Promise<void> {
  try {
    begin(await read(sessionShape, 'GET', consolePaths.session));
  } catch {
    session.value = { state: 'nobody' };
  }
}

export async function signIn(given: SignIn): Promise<void> {
  begin(await read(signedInShape, 'POST', consolePaths.session, { body: given }));
}

export async function signOut(): Promise<void> {
  await send('DELETE', consolePaths.session);
  end();
}

/** Applies a change of the person's own account: a new session, or other required steps. */
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

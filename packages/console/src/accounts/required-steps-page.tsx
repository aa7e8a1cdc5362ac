/** The page with the steps a person must complete before anything else is allowed. */
import type { JSX } from 'preact';
import { signOut } from '../session/session.ts';
import type { Me } from '../session/session.ts';
import { PasswordPanel } from './own-account-page.tsx';
import { SecondFactor } from './second-factor.tsx';

export function RequiredStepsPage({ me }: { me: Me }): JSX.Element {
  return (
    <main class="required-steps">
      <h1>{me.mustChangePassword ? 'Choose your own password' : 'Set up a second factor'}</h1>
      <p class="lead">
        {me.mustChangePassword
          ? 'You signed in with a temporary password.'
          : `This server requires a second factor for the role ${me.role}.`}
      </p>
      {me.mustChangePassword ? <PasswordPanel /> : <SecondFactor me={me} />}
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </main>
  );
}

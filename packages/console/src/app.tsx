/** The whole console: the sign-in page, or the shell around a page. */
import type { JSX } from 'preact';
import { RequiredStepsPage } from './accounts/required-steps-page.tsx';
import { session } from './session/session.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { pageAt } from './page-table.tsx';
import { place } from './router/router.tsx';
import { Shell } from './shell/shell.tsx';

export function App(): JSX.Element {
  const known = session.value;
  if (known.state === 'asking') return <p class="quiet center">Connecting …</p>;
  if (known.state === 'nobody') return <SignInPage why={known.why} />;
  const { me } = known;
  if (me.mustChangePassword || me.mustSetUpTotp) return <RequiredStepsPage me={me} />;
  const page = pageAt(place.value.path);
  return (
    <Shell me={me} title={page.title}>
      {page.show(me)}
    </Shell>
  );
}

/** The console as a whole: the sign-in, or the shell around a page. */
import type { JSX } from 'preact';
import { DutiesPage } from '../accounts/duties.tsx';
import { session } from '../session/session.ts';
import { SignInPage } from '../session/sign-in.tsx';
import { pageAt } from './pages.tsx';
import { place } from './router.tsx';
import { Shell } from './shell.tsx';

export function App(): JSX.Element {
  const known = session.value;
  if (known.state === 'asking') return <p class="quiet center">Connecting …</p>;
  if (known.state === 'nobody') return <SignInPage why={known.why} />;
  const { me } = known;
  if (me.mustChangePassword || me.mustSetUpTotp) return <DutiesPage me={me} />;
  const page = pageAt(place.value.path);
  return (
    <Shell me={me} title={page.title}>
      {page.show(me)}
    </Shell>
  );
}

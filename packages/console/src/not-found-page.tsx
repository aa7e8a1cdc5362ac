/** The page for an unknown address. */
import type { JSX } from 'preact';
import { Link } from './router/router.tsx';

export function NotFoundPage(): JSX.Element {
  return (
    <>
      <h1>Page not found</h1>
      <p>
        The address may be mistyped, or the page may have moved. <Link to="/">Go to the overview</Link>.
      </p>
    </>
  );
}

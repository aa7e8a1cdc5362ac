/** The page for an address that has none. */
import type { JSX } from 'preact';
import { Link } from './router.tsx';

export function NowherePage(): JSX.Element {
  return (
    <>
      <h1>Nothing is at this address</h1>
      <p>
        It may have been moved or mistyped. <Link to="/">Go to the overview</Link>.
      </p>
    </>
  );
}

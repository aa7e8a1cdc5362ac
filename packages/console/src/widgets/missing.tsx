/** Shown while a page has nothing to show: it is loading, or it failed and why. */
import type { JSX } from 'preact';
import { Link } from '../router/router.tsx';
import { Empty } from './empty.tsx';

interface MissingProps {
  /** What the page is about: "task". */
  readonly what: string;
  readonly problem: string | undefined;
  /** The list that it is in. */
  readonly to: string;
}

export function Missing({ what, problem, to }: MissingProps): JSX.Element {
  if (problem === undefined) return <p class="quiet">Loading …</p>;
  return (
    <Empty title={`This ${what} cannot be displayed.`}>
      <p>{problem}</p>
      <p>
        <Link to={to}>View all {what}s</Link>
      </p>
    </Empty>
  );
}

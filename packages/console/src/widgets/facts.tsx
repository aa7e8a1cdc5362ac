/** Facts with their names, one a line. */
import { Fragment } from 'preact';
import type { ComponentChildren, JSX } from 'preact';

export type Fact = readonly [name: string, value: ComponentChildren];

/** Leaves out what is false. */
export function Facts({ of }: { of: readonly (Fact | false)[] }): JSX.Element {
  return (
    <dl class="facts">
      {of.map((fact) =>
        fact === false ? null : (
          <Fragment key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

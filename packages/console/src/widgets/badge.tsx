/** A state as a word, with a colour that is never the only sign. */
import type { ComponentChildren, JSX } from 'preact';

export type Tone = 'good' | 'warning' | 'danger' | 'neutral';

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

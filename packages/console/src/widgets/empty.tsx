/** Shown instead of an empty list: why it is empty, and what to do next. */
import type { ComponentChildren, JSX } from 'preact';

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

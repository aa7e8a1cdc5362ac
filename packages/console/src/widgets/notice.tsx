/** A message that the page must not hide: a failure, a warning or a success. */
import type { ComponentChildren, JSX } from 'preact';

interface NoticeProps {
  readonly kind: 'problem' | 'warning' | 'good' | 'note';
  readonly text?: string | undefined;
  readonly children?: ComponentChildren;
}

/** Renders nothing without a text or children. */
export function Notice({ kind, text, children }: NoticeProps): JSX.Element | null {
  if (text === undefined && (children === undefined || children === null)) return null;
  return (
    <div class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
      {text}
      {children}
    </div>
  );
}

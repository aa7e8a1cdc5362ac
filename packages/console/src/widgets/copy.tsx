/** A text with a button that copies it. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface CopyProps {
  readonly label: string;
  readonly value: string;
  readonly long?: true;
}

export function Copy({ label, value, long }: CopyProps): JSX.Element {
  const [copied, setCopied] = useState(false);
  const shown = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Copying is not allowed here: select the text, so that Ctrl-C works.
      if (shown.current !== null) getSelection()?.selectAllChildren(shown.current);
    }
  };
  return (
    <span class={long === true ? 'copy long' : 'copy'}>
      <code ref={shown} tabIndex={long === true ? 0 : undefined}>
        {value}
      </code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy ${label}`}>
        <Icon name="copy" /> <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
      </button>
    </span>
  );
}

/** The browser's modal dialog: it holds the focus, Escape closes it, and the focus returns afterwards. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../widgets/icon.tsx';

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly wide?: true;
  readonly children: ComponentChildren;
}

/** Shown for as long as it is rendered. */
export function Dialog({ title, close, wide, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  // Before the browser paints, so that a key pressed at once reaches the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    beginning(shown)?.focus();
    return () => {
      // A modal dialog keeps the focus from everything else.
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
      // The element that opened it may be gone or disabled.
      if (document.activeElement === document.body) document.getElementById('main')?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={name}
      class={wide === true ? 'wide' : undefined}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header>
        <h2 id={name}>{title}</h2>
        <button type="button" class="plain icon" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** The first focus: the first thing to fill in or copy, else the button that does nothing. */
function beginning(dialog: HTMLDialogElement | null): HTMLElement | null {
  const inBody = dialog?.querySelector<HTMLElement>('.body :is(input, select, textarea, button):not(:disabled)');
  return inBody ?? dialog?.querySelector<HTMLElement>('footer button:not(:disabled)') ?? null;
}

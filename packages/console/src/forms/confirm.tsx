/** Confirms and performs an action that cannot be undone. */
import type { ComponentChildren, JSX } from 'preact';
import { DialogForm } from './form.tsx';

interface ConfirmProps {
  readonly title: string;
  /** The button's label: the action itself, never "OK". */
  readonly act: string;
  readonly perform: () => Promise<void>;
  /** Called after the action, unless it shows its result itself. */
  readonly done?: (() => void) | undefined;
  readonly cancel: () => void;
  readonly children: ComponentChildren;
}

export function Confirm({ perform, done, ...shown }: ConfirmProps): JSX.Element {
  const submit = async (): Promise<void> => {
    await perform();
    done?.();
  };
  return <DialogForm danger submit={submit} {...shown} />;
}

/** A form that sends to the server, once at a time, and shows the server's refusal. */
import type { ComponentChildren, JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../calls/use-loaded.ts';
import { Dialog } from './dialog.tsx';
import { Notice } from '../widgets/notice.tsx';

interface FormProps {
  /** The button's label: the action itself. */
  readonly act: string;
  readonly danger?: true;
  readonly disabled?: boolean;
  readonly submit: (fields: FormData) => Promise<void>;
  readonly cancel?: () => void;
  readonly children: ComponentChildren;
}

export function Form(props: FormProps): JSX.Element {
  const { send, problem, busy } = useSending(props.submit);
  return (
    <form class="fields" onSubmit={send}>
      {props.children}
      <Notice kind="problem" text={problem} />
      <div class="bar">
        <Buttons {...props} busy={busy} />
      </div>
    </form>
  );
}

interface DialogFormProps extends FormProps {
  readonly title: string;
  readonly cancel: () => void;
}

/** The same, in a dialog. */
export function DialogForm(props: DialogFormProps): JSX.Element {
  const { send, problem, busy } = useSending(props.submit);
  return (
    <Dialog title={props.title} close={props.cancel}>
      <form onSubmit={send}>
        <div class="body fields">
          {props.children}
          <Notice kind="problem" text={problem} />
        </div>
        <footer>
          <Buttons {...props} busy={busy} />
        </footer>
      </form>
    </Dialog>
  );
}

function Buttons({ act, danger, disabled, cancel, busy }: FormProps & { busy: boolean }): JSX.Element {
  return (
    <>
      {cancel === undefined ? null : (
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      )}
      <button type="submit" class={danger === true ? 'danger' : 'primary'} disabled={busy || disabled === true}>
        {act}
      </button>
    </>
  );
}

interface Sending {
  readonly send: (event: TargetedSubmitEvent<HTMLFormElement>) => void;
  readonly problem: string | undefined;
  readonly busy: boolean;
}

function useSending(submit: FormProps['submit']): Sending {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const send = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    submit(new FormData(event.currentTarget))
      .catch((error: unknown) => setProblem(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return { send, problem, busy };
}

/** What a page is doing in a dialog: nothing, or one thing of its kinds. */
import { useState } from 'preact/hooks';

export interface DoingState<Doing> {
  readonly doing: Doing | undefined;
  readonly begin: (doing: Doing) => void;
  readonly close: () => void;
  /** Closes the dialog, and reloads what it has changed. */
  readonly done: () => void;
}

export function useDoing<Doing>(reload: () => void): DoingState<Doing> {
  const [doing, setDoing] = useState<Doing>();
  const close = (): void => setDoing(undefined);
  const done = (): void => {
    close();
    reload();
  };
  return { doing, begin: (next) => setDoing(next), close, done };
}

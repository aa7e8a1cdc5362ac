/** The words of each act that the console requests. */
import type { Act } from './perform.ts';

interface ActWords {
  readonly title: string;
  readonly verb: string;
  readonly class: 'danger' | 'primary';
  /** What happens to one endpoint, and to several. */
  readonly effects: readonly [one: string, several: string];
}

export const actWords: Readonly<Record<Act, ActWords>> = {
  isolate: {
    title: 'Isolate',
    verb: 'Isolate',
    class: 'danger',
    effects: ['will be cut off from the network', 'will be cut off from the network'],
  },
  release: {
    title: 'Release',
    verb: 'Release',
    class: 'primary',
    effects: ['will be reconnected to the network', 'will be reconnected to the network'],
  },
  uninstall: {
    title: 'Uninstall the agent on',
    verb: 'Uninstall',
    class: 'danger',
    effects: [
      'will lose its agent and cannot be isolated afterwards',
      'will lose their agents and cannot be isolated afterwards',
    ],
  },
};

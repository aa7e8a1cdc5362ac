/** Dark or light theme: the system's choice unless the person chose. */
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const kept = 'cordon-theme';

export const theme = signal<Theme>(readTheme());

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(kept, chosen);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

function readTheme(): Theme {
  const found = localStorage.getItem(kept);
  return found === 'light' || found === 'dark' ? found : 'system';
}

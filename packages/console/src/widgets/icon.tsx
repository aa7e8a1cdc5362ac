/** Icons; always beside a word, or in a labelled element. */
import type { JSX } from 'preact';

const drawings = {
  menu: 'M3 5h14M3 10h14M3 15h14',
  cordon: 'M10 2.500a7.500 7.500 0 0 1 7.500 7.500M10 17.500A7.500 7.500 0 0 1 2.500 10M10 8v4M8 10h4',
  overview: 'M3 17V9M8 17V4M13 17v-6M18 17V7',
  endpoints: 'M3 4h14v9H3zM7 17h6M10 13v4',
  objects: 'M5 2.500h7l4 4v11H5zM12 2.500v4h4',
  detections: 'M10 3l8 14H2zM10 8v4M10 14.500v.5',
  tasks: 'M4 4h3v3H4zM4 12h3v3H4zM10 5.500h7M10 13.500h7',
  quarantine: 'M3 5h14v12H3zM2.500 3h15v3h-15zM8 9.500h4',
  commands: 'M4 5l5 5-5 5M11 15h6',
  audit: 'M4 3h12v14H4zM7 7h6M7 10h6M7 13h3',
  servers: 'M3 4h14v5H3zM3 11h14v5H3zM6 6.500h1M6 13.500h1',
  enrolment: 'M10 4v12M4 10h12',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M11 4v4M7 12v4',
  accounts: 'M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3.500 17a6.500 6.500 0 0 1 13 0',
  system: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  light:
    'M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600L16 16M16 4l-1.400 1.400M5.400 14.600L4 16',
  dark: 'M16.500 12A7 7 0 0 1 8 3.500 7 7 0 1 0 16.500 12z',
  copy: 'M7 7h10v10H7zM4 13H3V3h10v1',
  close: 'M5 5l10 10M15 5L5 15',
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="drawing" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d={drawings[name]} />
    </svg>
  );
}

/** Sizes for people: `68 B`, `1.5 MiB`. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function sizeOf(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  const shown = power === 0 || amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10;
  return `${shown.toLocaleString()} ${units[power]}`;
}

/** Statistics of samples, and how they are printed. */

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function summaryOf(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((one, other) => one - other);
  return { count: sorted.length, p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: at(sorted, 1) };
}

export function median(samples: readonly number[]): number {
  return at(
    samples.toSorted((one, other) => one - other),
    0.5,
  );
}

/** Nearest rank, so always a measured value. */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** `p50 / p99 / max` in milliseconds. */
export function spread(summary: Summary): string {
  return `${[summary.p50, summary.p99, summary.max].map(short).join(' / ')} ms`;
}

/** Three significant digits, with thousands separators. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

export function times(value: number): string {
  return `${short(value)}×`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

export function megabytes(bytes: number): string {
  return `${short(bytes / 1e6)} MB`;
}

/** Formats audit details for people: text unchanged, JSON without its brackets. */

/** The reason comes first, because readers look for it; empty fields are left out. */
export function detailInWords(detail: string): string {
  const fields = objectIn(detail);
  if (fields === undefined) return detail;
  const parts = Object.entries(fields).flatMap(([name, value]) => partsOf(name, value));
  return [...parts.filter(isReason), ...parts.filter((part) => !isReason(part))].join(', ');
}

function isReason(part: string): boolean {
  return part.startsWith('reason: ');
}

function partsOf(name: string, value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) {
    const inner = value.map((one: unknown) => partsOf('', one).join(' ')).filter((one) => one !== '');
    return inner.length === 0 ? [] : [labelled(name, inner.join('; '))];
  }
  if (typeof value === 'object') {
    const inner = Object.entries(value).flatMap(([key, one]) => partsOf(key, one));
    return inner.length === 0 ? [] : [labelled(name, inner.join(' '))];
  }
  return [labelled(name, typeof value === 'string' ? value : JSON.stringify(value))];
}

function labelled(name: string, text: string): string {
  return name === '' ? text : `${name}: ${text}`;
}

function objectIn(detail: string): object | undefined {
  if (!detail.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // Truncated by the length limit of an audit line.
  }
}

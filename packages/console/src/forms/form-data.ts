/** Reads forms. */

/** The text of a field; empty if there is no field of this name. */
export function textIn(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

/** The non-empty lines of a field, trimmed. */
export function linesIn(fields: FormData, name: string): string[] {
  return textIn(fields, name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A number, or undefined for an empty field. */
export function numberIn(fields: FormData, name: string): number | undefined {
  const text = textIn(fields, name).trim();
  return text === '' ? undefined : Number(text);
}

/** Whether a checkbox is ticked. */
export function tickedIn(fields: FormData, name: string): boolean {
  return fields.get(name) !== null;
}

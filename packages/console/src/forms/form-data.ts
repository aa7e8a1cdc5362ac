/** Reads forms. */

/** The text in a field; empty when there is none of this name. */
export function textIn(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

/** The lines of a field that say something, without the space around them. */
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

/** Whether a box is ticked. */
export function tickedIn(fields: FormData, name: string): boolean {
  return fields.get(name) !== null;
}

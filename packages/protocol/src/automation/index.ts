/** The Automation API as data: paths, schemas, values, envelopes, reasons. Runs in browsers and in Node. */
export * from './agents.ts';
export * from './envelopes.ts';
export * from './reasons.ts';
export * from './suspicious-objects.ts';
export * from './values.ts';

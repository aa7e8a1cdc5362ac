/** The words of both HTTP APIs without their schemas, for clients: typebox alone takes some 70 ms to load. */
export * from './automation/paths.ts';
export * from './automation/reasons.ts';
export * from './automation/values.ts';
export * from './console/list-filters.ts';
export * from './console/paths.ts';

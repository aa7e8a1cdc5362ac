/** The schemas of the agent channel, for servers and for the generator: they load typebox. */
export * from './detections.schema.ts';
export * from './documents.schema.ts';
export * from './enrolment.schema.ts';
export * from './exception.schema.ts';
export * from './frames.schema.ts';
export * from './objects.schema.ts';
export * from './receipts.schema.ts';
export * from './scalars.schema.ts';
export * from './tasks.schema.ts';

/** The agent channel: frames, signed documents, enrolment. Runs on Node (server and agent). */
export * from './break-glass.ts';
export * from './documents.ts';
export * from './enrolment.ts';
export * from './frames.ts';
export * from './detections.shape.ts';
export * from './documents.shape.ts';
export * from './enrolment.shape.ts';
export * from './exception.shape.ts';
export * from './frames.shape.ts';
export * from './objects.shape.ts';
export * from './receipts.shape.ts';
export * from './scalars.shape.ts';
export * from './tasks.shape.ts';

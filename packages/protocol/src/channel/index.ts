/** The agent channel: frames, signed documents, enrolment. Runs on Node (server and agent). */
export * from './break-glass.ts';
export * from './detections.ts';
export * from './documents.ts';
export * from './enrolment.ts';
export * from './exception.ts';
export * from './frames.ts';
export * from './objects.ts';
export * from './receipts.ts';
export * from './tasks.ts';

/** The words that lists of detections and quarantined files are filtered by. */

export const detectionActions = [
  'logged',
  'blocked',
  'quarantined',
  'restored',
  'held-back',
  'failed',
  'late',
] as const;
export type DetectionAction = (typeof detectionActions)[number];

export const detectionSeers = ['open', 'execute', 'write', 'sweep', 'packet', 'name', 'task'] as const;
export type DetectionSeer = (typeof detectionSeers)[number];

export const quarantineStates = ['quarantined', 'restoring', 'restored'] as const;
export type QuarantineState = (typeof quarantineStates)[number];

/** Words that lists can be narrowed by, apart from the schemas, for clients that name them. */

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

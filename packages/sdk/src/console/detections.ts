/** What agents detected. */
import { consolePaths, detectionPageShape, detectionSummaryShape } from '@cordon/protocol/console';
import type { DetectionAction, DetectionPage, DetectionSeer, DetectionSummary } from '@cordon/protocol/console';
import type { ObjectType } from '@cordon/protocol/words';
import { queryOf, read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

/** Which detections; all fields that are given must match. Times are milliseconds since 1970. */
export interface DetectionFilter {
  readonly agent?: string | undefined;
  readonly group?: string | undefined;
  readonly type?: ObjectType | undefined;
  readonly content?: string | undefined;
  readonly action?: DetectionAction | undefined;
  readonly detectedBy?: DetectionSeer | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Text in path, process, user or host name. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export class ConsoleDetections {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** The newest first. */
  async list(filter: DetectionFilter = {}): Promise<DetectionPage> {
    return read(this.#api, detectionPageShape, {
      method: 'GET',
      path: consolePaths.detections,
      query: queryOf(filter),
    });
  }

  /** Counts over time and by object. */
  async summary(range: { since?: number; until?: number } = {}): Promise<DetectionSummary> {
    return read(this.#api, detectionSummaryShape, {
      method: 'GET',
      path: `${consolePaths.detections}/summary`,
      query: queryOf(range),
    });
  }
}

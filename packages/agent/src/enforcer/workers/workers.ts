/** How the parts that handle files are reached: over their door, or as simulated ones. */
import type { WorkerTraffic, WorkerName } from '../../ipc/worker-client.ts';

export interface Workers {
  has(part: WorkerName): boolean;
  /** False when the part is not there. */
  send<P extends WorkerName>(part: P, message: WorkerTraffic[P]['to']): boolean;
  /** Its detections up to `number` are on disk. */
  acknowledge(part: WorkerName, number: number): void;
  open(): Promise<void>;
  close(): void;
}

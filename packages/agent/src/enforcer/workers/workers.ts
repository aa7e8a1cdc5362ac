/** How the file workers are reached: over their socket, or simulated. */
import type { WorkerTraffic, WorkerName } from '../../ipc/worker-client.ts';

export interface Workers {
  has(part: WorkerName): boolean;
  /** False when the worker is not connected. */
  send<P extends WorkerName>(part: P, message: WorkerTraffic[P]['to']): boolean;
  /** Its detections up to `number` are on disk. */
  acknowledge(part: WorkerName, number: number): void;
  open(): Promise<void>;
  close(): void;
}

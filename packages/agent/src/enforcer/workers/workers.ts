/** How the file workers are reached: over their socket, or simulated. */
import type { WorkerTraffic, WorkerName } from '../../ipc/worker-client.ts';

export interface Workers {
  has(worker: WorkerName): boolean;
  /** False when the worker is not connected. */
  send<P extends WorkerName>(worker: P, message: WorkerTraffic[P]['to']): boolean;
  /** Its detections up to `number` are on disk. */
  acknowledge(worker: WorkerName, number: number): void;
  open(): Promise<void>;
  close(): void;
}

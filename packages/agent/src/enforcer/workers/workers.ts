/** How the parts that handle files are reached: over their door, or as simulated ones. */
import type { PartMessages, PartName } from '../../ipc/worker-client.ts';

export interface PartsLine {
  has(part: PartName): boolean;
  /** False when the part is not there. */
  tell<P extends PartName>(part: P, message: PartMessages[P]['to']): boolean;
  /** Its detections up to `number` are on disk. */
  kept(part: PartName, number: number): void;
  open(): Promise<void>;
  close(): void;
}

/** Fits detections into a frame: command lines of hostile processes can have any length and content. */
import type { Detection, ProcessInfo } from '@cordon/protocol/channel';

const maxBytes = 400_000;
/** `DetectionBatch` allows 100; a frame allows a million bytes, quotes escaped. */
const maxInBatch = 100;
const maxBatchBytes = 800_000;

/** Bytes in a frame: inside the document's text, which is again a string in the frame. */
export function sentBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

/** Unchanged if it fits; otherwise with fewer of the processes that use the file: nothing else can be so large. */
export function truncateDetection<D extends Pick<Detection, 'file' | 'process'>>(detection: D): D {
  if (sentBytes(detection) <= maxBytes) return detection;
  const { file } = detection;
  const usedBy = file?.usedBy.map(brief) ?? [];
  const smaller = { ...detection, file: file && { ...file, usedBy } };
  if (sentBytes(smaller) <= maxBytes) return smaller;
  return {
    ...detection,
    file: file && { ...file, usedBy: usedBy.slice(0, 4) },
    process: detection.process && brief(detection.process),
  };
}

/** The beginning of `waiting`, as far as one frame holds it; at least one. */
export function firstThatFit(waiting: readonly Detection[]): Detection[] {
  const batch: Detection[] = [];
  let bytes = 0;
  for (const detection of waiting.slice(0, maxInBatch)) {
    bytes += sentBytes(detection);
    if (batch.length > 0 && bytes > maxBatchBytes) break;
    batch.push(detection);
  }
  return batch;
}

function brief(process: ProcessInfo): ProcessInfo {
  return { ...process, executable: process.executable.slice(0, 512), commandLine: process.commandLine.slice(0, 512) };
}

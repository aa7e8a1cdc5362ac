/** Makes a detection small enough for a frame: command lines of hostile processes can be of any length and content. */
import type { Detection, ProcessInfo } from '@cordon/protocol/channel';

const longest = 400_000;

/** Bytes in a frame: in the text of a document, which is a string in the frame once more. */
export function sentBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

/** As it is, if it fits; else with ever less of those that use the file, which is the only thing that can be so large. */
export function fitted<D extends Pick<Detection, 'file' | 'process'>>(detection: D): D {
  if (sentBytes(detection) <= longest) return detection;
  const { file } = detection;
  const usedBy = file?.usedBy.map(brief) ?? [];
  const smaller = { ...detection, file: file && { ...file, usedBy } };
  if (sentBytes(smaller) <= longest) return smaller;
  return {
    ...detection,
    file: file && { ...file, usedBy: usedBy.slice(0, 4) },
    process: detection.process && brief(detection.process),
  };
}

function brief(process: ProcessInfo): ProcessInfo {
  return { ...process, executable: process.executable.slice(0, 512), commandLine: process.commandLine.slice(0, 512) };
}

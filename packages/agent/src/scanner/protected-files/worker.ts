/** Lists the protected files in a thread of its own, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildProtectedFiles } from './protected-files.ts';
import type { ProtectedFilesPlaces } from './protected-files.ts';

if (parentPort === null) throw new Error('scanner/protected-files/worker.ts runs as a worker thread.');
const places: ProtectedFilesPlaces = workerData;
const data = buildProtectedFiles(places);
parentPort.postMessage(data, [data.package.buffer, data.owners.buffer, data.always.buffer]);

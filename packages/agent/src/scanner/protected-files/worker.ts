/** Builds the shield in a thread of its own, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildShield } from './protected-files.ts';
import type { ShieldPlaces } from './protected-files.ts';

if (parentPort === null) throw new Error('shield/worker.ts runs as a worker thread.');
const places: ShieldPlaces = workerData;
const data = buildShield(places);
parentPort.postMessage(data, [data.package.buffer, data.owners.buffer, data.always.buffer]);

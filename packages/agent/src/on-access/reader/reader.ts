/** The thread that is a reader. */
import { workerData } from 'node:worker_threads';
import { serve } from './serve.ts';

serve(workerData);

/** Whether tests that need root can run here. */

/** Tests of the real kernel need root to create network namespaces. */
export const root = process.getuid?.() === 0 && process.platform === 'linux';

if (!root && process.env['CI'] === 'true') throw new Error('CI must run as root on Linux; nothing is left out there.');
if (!root)
  console.warn('Left out: the tests that isolate in the real kernel or boot machines; they need root on Linux.');

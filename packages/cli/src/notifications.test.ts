/** The commands about webhooks and syslog, as users see them: transcripts compared with golden files. */
// oxlint-disable vitest/expect-expect -- expectGolden() holds the expectation
import { afterEach, beforeEach, describe, it } from 'vitest';
import { expectGolden } from '../../../test/cli/golden.ts';
import { Harness } from '../../../test/cli/harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  await harness.login();
});
afterEach(async () => {
  await harness.stop();
});

describe('notifications', () => {
  it('go to webhooks', async () => {
    await expectGolden(harness, 'webhooks', [
      'webhooks --help',
      'webhooks list',
      'webhooks add soar https://soar.example/cordon --kind detection --kind command.failed',
      'webhooks add soar http://192.0.2.7/',
      'webhooks rotate soar',
      'webhooks test soar',
      'webhooks test chat',
      'webhooks replay soar --from 12',
      'webhooks replay soar --since 4h --json',
      'webhooks replay soar',
      'webhooks replay soar --since yesterday',
      'webhooks deliveries soar',
      'webhooks deliveries chat',
      'webhooks deliveries nobody',
      'webhooks remove soar',
      'webhooks remove soar --yes',
    ]);
  });

  it('go to a syslog collector', async () => {
    await expectGolden(harness, 'syslog', [
      'syslog --help',
      'syslog show',
      'syslog test',
      'syslog set siem.example',
      'syslog set siem.example:6514 --tls --audit --kind detection',
      'syslog show --json',
      'syslog test',
      'syslog off --yes',
    ]);
  });
});

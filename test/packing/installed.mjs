// Does the tasks of both guides with the SDK as npm installs it: plain JavaScript, for any Node.
import { Client, settle } from '@cordon/sdk';
import { fileAt, pinnedTransport } from '@cordon/sdk/node';

const { URL_, ID, KEY, FINGERPRINT, FILE } = process.env;
const transport = pinnedTransport({ fingerprint: FINGERPRINT });
const client = new Client({ url: URL_, applicationId: ID, apiKey: KEY, transport });
const followed = await client.agents.isolateAndWait({ hostName: 'client01' }, { timeoutSeconds: 60 });
const restored = await client.agents.restoreAndWait({ hostName: 'client01' }, { timeoutSeconds: 60 });
const content = await fileAt(FILE);
const { sha1 } = await client.objects.addFile({ name: content.name, content, action: 'block', note: 'packed' });
const listed = await client.objects.list({ type: 'file' });
const wrong = await settle(new Client({ url: URL_, applicationId: ID, apiKey: 'wrong', transport }).agents.list());
process.stdout.write(
  JSON.stringify({
    node: process.version,
    isolated: followed.outcome,
    restored: restored.outcome,
    sha1,
    listed: listed.some((object) => object.content === sha1),
    wrong: wrong.ok ? 'accepted' : wrong.error.kind,
  }),
);

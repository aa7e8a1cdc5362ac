/** One agent's history, however old and whatever happened to others since: in pages, on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { Site } from './site.ts';

describe.each(databaseKinds())('the history of an agent on $name', (kind) => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open(kind);
  });
  afterAll(() => site.close());

  it('is in the audit and the commands page by page, the newest first, and holds nothing of others', async () => {
    const [one, other] = [await site.enrol(), await site.enrol()];
    const acts = ['isolate', 'release', 'isolate', 'release', 'isolate'] as const;
    for (const act of acts) {
      await site.console.acts.perform({ act, selector: { entityId: one.id } });
      await site.console.acts.perform({ act, selector: { entityId: other.id } });
    }
    const lines: string[] = [];
    let before: number | undefined;
    do {
      const page = await site.console.audit.ofAgent(one.id.toUpperCase(), { before, limit: 2 });
      lines.push(...page.lines.map((line) => line.act));
      for (const line of page.lines) expect(line.target).not.toContain(other.id);
      before = page.next ?? undefined;
    } while (before !== undefined);
    expect(lines).toEqual([...acts.toReversed(), 'enrol']);

    const newest = await site.console.commands.list({ agent: one.id, limit: 2 });
    const older = await site.console.commands.list({ agent: one.id, before: newest.at(-1)?.id, limit: 1000 });
    expect([...newest, ...older].map((command) => command.act)).toEqual(acts.toReversed());
  });

  it('holds acts on many of which it is one, what was held for a second person, and tasks', async () => {
    const agents = [await site.enrol(), await site.enrol()];
    const [first] = agents;
    if (first === undefined) throw new Error('Nobody has enrolled.');
    await site.console.agents.protect(first.id, true);
    const { approval } = await site.console.acts.perform({ act: 'isolate', selector: { entityId: first.id } });
    await site.console.send({
      method: 'POST',
      path: '/api/v1/tasks',
      body: { work: { kind: 'sweep', act: false, roots: ['/srv'] }, selector: { entityId: first.id } },
    });
    const { lines } = await site.console.audit.ofAgent(first.id);
    expect(lines.map((line) => [line.act, line.outcome])).toEqual([
      ['task-sweep', 'done'],
      ['hold-isolate', 'guard'],
      ['protect-agent', 'done'],
      ['enrol', 'done'],
    ]);
    expect(lines[1]?.target).toBe(`approval ${approval}`);
  });

  it('of nobody known is empty, and is asked for in one direction only', async () => {
    expect(await site.console.audit.ofAgent('no such agent')).toEqual({ lines: [], next: null });
    const mixed = site.console.send({ method: 'GET', path: '/api/v1/audit?agent=x&after=3' });
    await expect(mixed).rejects.toThrow(/Give "after" alone/);
    const both = site.console.send({ method: 'GET', path: '/api/v1/audit?before=3&after=1' });
    await expect(both).rejects.toThrow(/Give "after" alone/);
  });
});

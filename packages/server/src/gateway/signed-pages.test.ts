/** Signed pages: one for concurrent requests, none older than the last notification. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDocument } from '@cordon/protocol/channel';
import type { ObjectsPage } from '@cordon/protocol/channel';
import { SignedPages } from './signed-pages.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

/** Pages of a list whose revision, clock and failures the test sets. */
function site(): {
  pages: SignedPages;
  state: { revision: number; now: number; made: number; fails: boolean };
  ask: (after: number) => Promise<ObjectsPage>;
} {
  const state = { revision: 5, now: 1000, made: 0, fails: false };
  const objects = {
    pageAfter: async (after: number): Promise<ObjectsPage> => {
      state.made += 1;
      if (state.fails) throw new Error('no database');
      return { after, revision: state.revision, more: false, put: [], remove: [] };
    },
  };
  const pages = new SignedPages({ objects, key: { publicKey: '', privateKey }, now: () => state.now });
  const ask = async (after: number): Promise<ObjectsPage> =>
    openDocument('objects', await pages.after(after), publicKey);
  return { pages, state, ask };
}

describe('signed pages', () => {
  it('are made once for all who ask for the same at once', async () => {
    const { state, ask } = site();
    const asked = await Promise.all([ask(4), ask(4), ask(3), ask(4)]);
    expect(asked.map((page) => page.after)).toEqual([4, 4, 3, 4]);
    expect(state.made).toBe(2);
  });

  it('are signed again once the list has changed, and after a second in any case', async () => {
    const { pages, state, ask } = site();
    await ask(4);
    state.revision = 6;
    pages.forget();
    expect((await ask(4)).revision).toBe(6);
    state.revision = 7;
    state.now += 1000;
    expect((await ask(4)).revision).toBe(7);
  });

  it('that start a list again are dated for each request', async () => {
    const { state, ask } = site();
    const first = await ask(0);
    state.now += 5;
    expect([first.issuedAt, (await ask(0)).issuedAt]).toEqual([1000, 1005]);
  });

  it('that could not be made are asked for again', async () => {
    const { state, ask } = site();
    state.fails = true;
    await expect(ask(4)).rejects.toThrow('no database');
    state.fails = false;
    expect((await ask(4)).revision).toBe(5);
  });
});

/** The three products, as what each installs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle, programs } from './bundle.ts';
import { architectures, koffiFor, nodeFor, nodePackage } from './runtime.ts';
import type { Architecture } from './runtime.ts';
import { componentIn, componentsOf, licences, sbom } from './sbom.ts';
import type { Component } from './sbom.ts';
import type { Entry } from './tree.ts';

const root = new URL('../../', import.meta.url);

export interface Product {
  readonly name: 'cordon-agent' | 'cordon-server' | 'cordon';
  readonly summary: string;
  readonly description: string;
  /** Debian's names and those of the RHEL kinds. */
  readonly depends: { readonly deb: readonly string[]; readonly rpm: readonly string[] };
  readonly entries: readonly Entry[];
  /** Functions in POSIX sh: after_install, before_remove, after_remove, after_purge. */
  readonly scripts: string | undefined;
}

export type Build = { readonly architecture: Architecture; readonly version: string; readonly scratch: string };

export const products: { readonly [N in Product['name']]: (build: Build) => Promise<Product> } = {
  'cordon-agent': agent,
  'cordon-server': server,
  cordon: command,
};

async function agent({ architecture, version, scratch }: Build): Promise<Product> {
  const home = '/usr/lib/cordon-agent';
  const dist = `${scratch}/agent`;
  const modules = await bundle(programs.agent, dist);
  const units = [
    'cordon-agent.target',
    ...['enforcer', 'link', 'on-access', 'scanner'].map((name) => `cordon-${name}.service`),
  ];
  return {
    name: 'cordon-agent',
    summary: 'Isolates this endpoint in its own kernel, and proves it',
    description:
      'The Cordon agent: isolation, blocking of addresses, and suspicious files that can no longer be opened, as signed by its server.',
    depends: { deb: ['libc6 (>= 2.28)', 'systemd', 'nftables'], rpm: ['glibc >= 2.28', 'systemd', 'nftables'] },
    entries: [
      { path: '/usr/bin/cordon-agent', file: data('agent/launcher.sh'), executable: true },
      ...programIn(home, { dist, bin: 'packages/agent/bin/cordon-agent.mjs', version, architecture, modules }),
      ...koffi(home, architecture),
      { path: '/etc/cordon/agent.env', file: data('agent/agent.env'), setting: true },
      { path: '/usr/lib/sysusers.d/cordon-agent.conf', file: data('agent/sysusers.conf') },
      { path: '/usr/lib/tmpfiles.d/cordon-agent.conf', file: data('agent/tmpfiles.conf') },
      ...units.map((unit) => ({
        path: `/usr/lib/systemd/system/${unit}`,
        file: path(`packages/agent/systemd/${unit}`),
      })),
    ],
    scripts: readFileSync(data('agent/scripts.sh'), 'utf8'),
  };
}

async function server({ architecture, version, scratch }: Build): Promise<Product> {
  const home = '/usr/lib/cordon-server';
  const dist = `${scratch}/server`;
  const modules = await bundle(programs.server, dist);
  return {
    name: 'cordon-server',
    summary: 'The Cordon server: Automation API, console and agent gateway',
    description:
      'Cordon contains endpoints: it isolates them in their own kernel and blocks suspicious files on all of them.',
    depends: { deb: ['libc6 (>= 2.28)', 'systemd'], rpm: ['glibc >= 2.28', 'systemd'] },
    entries: [
      { path: '/usr/bin/cordon-server', file: data('server/launcher.sh'), executable: true },
      ...programIn(home, { dist, bin: 'packages/server/bin/cordon-server.mjs', version, architecture, modules }),
      { path: `${home}/dist/site`, folder: path('packages/console/dist/site') },
      { path: '/etc/cordon/server.env', file: data('server/server.env'), setting: true },
      { path: '/usr/lib/sysusers.d/cordon-server.conf', file: data('server/sysusers.conf') },
      { path: '/usr/lib/systemd/system/cordon-server.service', file: data('server/cordon-server.service') },
    ],
    scripts: readFileSync(data('server/scripts.sh'), 'utf8'),
  };
}

async function command({ architecture, version, scratch }: Build): Promise<Product> {
  const home = '/usr/lib/cordon';
  const dist = `${scratch}/command`;
  const modules = await bundle(programs.command, dist);
  return {
    name: 'cordon',
    summary: 'The cordon command: contain endpoints from a terminal or a script',
    description: 'Works against a Cordon server and against Trend Micro Apex Central.',
    depends: { deb: ['libc6 (>= 2.28)'], rpm: ['glibc >= 2.28'] },
    entries: [
      { path: '/usr/bin/cordon', file: data('command/launcher.sh'), executable: true },
      ...programIn(home, { dist, bin: 'packages/cli/bin/cordon.mjs', version, architecture, modules }),
    ],
    scripts: undefined,
  };
}

interface Parts {
  readonly dist: string;
  readonly bin: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly modules: readonly string[];
}

/** Node, the bundle and what starts it. Without `src/` beside it, the starter takes `dist/`. */
function programIn(home: string, { dist, bin, version, architecture, modules }: Parts): Entry[] {
  const name = home.split('/').at(-1) ?? '';
  const components = [...componentsOf(modules), ...nativeParts(name, architecture)];
  const manifest = JSON.stringify({ type: 'module', version });
  return [
    { path: `${home}/node`, file: nodeFor(architecture), executable: true },
    { path: `${home}/bin/${bin.split('/').at(-1) ?? ''}`, file: path(bin) },
    { path: `${home}/dist`, folder: dist },
    { path: `${home}/package.json`, content: `${manifest}\n` },
    { path: `/usr/share/doc/${name}/copyright`, file: path('LICENSE') },
    { path: `/usr/share/doc/${name}/third-party-licences`, content: licences(components) },
    { path: `/usr/share/doc/${name}/sbom.cdx.json`, content: sbom(name, version, components) },
  ];
}

/** What is not bundled: Node, and koffi for the agent. The licence of koffi's binary is in its loader's package. */
function nativeParts(name: string, architecture: Architecture): Component[] {
  const node = componentIn(nodePackage(architecture));
  return name === 'cordon-agent' ? [node, componentIn(path('node_modules/koffi'))] : [node];
}

/** The files that koffi loads: its whole package holds the sources for every platform. */
function koffi(home: string, architecture: Architecture): Entry[] {
  const { npm } = architectures[architecture];
  const [loader, native] = [path('node_modules/koffi/'), koffiFor(architecture)];
  const binary = `@koromix/koffi-linux-${npm}`;
  return [
    ...['package.json', 'index.cjs', 'LICENSE.txt', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'].map((name) => ({
      path: `${home}/node_modules/koffi/${name}`,
      file: `${loader}${name}`,
    })),
    ...['package.json', 'index.js', `linux_${npm}/koffi.node`].map((name) => ({
      path: `${home}/node_modules/${binary}/${name}`,
      file: `${native}/${name}`,
    })),
  ];
}

function data(name: string): string {
  return path(`packaging/${name}`);
}

function path(name: string): string {
  return fileURLToPath(new URL(name, root));
}

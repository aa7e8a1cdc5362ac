/** The floor plan: which folder, and which file, may import what, and how large they are. `npm run check` holds it. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { circlesIn, closure, graphOf, isFile, resolve } from './import-graph.ts';
import { checkSizes } from './sizes.ts';
import { isPackageSource, readSources } from './sources.ts';
import type { Import, SourceFile, Violation } from './sources.ts';

/** Which packages a package imports. Nothing imports the server or the agent. */
const packages: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  sdk: ['protocol'],
  cli: ['protocol', 'sdk'],
  agent: ['protocol'],
  console: ['protocol'],
  server: ['protocol', 'console'],
};

/** Modules of npm that a package imports; node's own and those of the server, whose list is its manifest, are apart. */
const modules: Readonly<Record<string, RegExp>> = {
  protocol: /^(typebox(\/.*)?|ipaddr\.js)$/,
  agent: /^(typebox(\/.*)?|ws|koffi)$/,
};

/**
 * Which folders a folder of the agent imports, types included. The processes (supervisor, link, enforcer, on-access,
 * scanner) stand over a ground floor that several of them use; two processes meet in `ipc/` only.
 */
const agentFolders: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  fs: ['kernel'],
  ipc: ['fs', 'kernel'],
  matching: ['fs', 'ipc'],
  supervisor: ['ipc', 'fs'],
  link: ['ipc', 'fs'],
  enforcer: ['kernel', 'ipc', 'fs', 'matching'],
  'on-access': ['kernel', 'ipc', 'fs', 'matching'],
  scanner: ['kernel', 'ipc', 'fs', 'matching'],
  // What a person types runs as root without the network: it reads what the enforcer keeps, and starts link's half.
  commands: ['kernel', 'ipc', 'fs', 'enforcer', 'link/enrolment/request.ts', 'link/facts.ts'],
};

/** Folders of the server that every room stands on. They import no room. */
const serverGround: ReadonlySet<string> = new Set(['database', 'http', 'secrets', 'access', 'events']);

/** Folders that are one subject, and share its queries: the receivers of events, and the queue that each has. */
const oneSubject: ReadonlySet<string> = new Set(['notifications', 'delivery', 'webhooks', 'syslog']);

/** Deciders whose value imports, followed to the end, reach no database, no network and no disk. */
export const pureFiles: readonly string[] = [
  'packages/server/src/acts/decide.ts',
  'packages/server/src/agents/isolation.ts',
  'packages/agent/src/enforcer/desired-state/verify.ts',
];

const impure =
  /^(node:)?(fs|fs\/promises|net|tls|http|https|http2|dgram|dns|sqlite|child_process|worker_threads)$|^(kysely|pg|fastify|ws|koffi)$/;

const network =
  /^(node:)?(_?tls(_.*)?|_?http(_.*)?|https|http2|dgram|dns|dns\/promises|inspector|inspector\/promises|quic)$|^(ws|undici)(\/|$)/;
const networkNames = /^(fetch|WebSocket|EventSource|XMLHttpRequest|WebTransport)$/;
const sockets = /^(node:)?_?net$/;
/** Ways around an import statement. */
const loaders = /^(require|createRequire|getBuiltinModule|dlopen)$/;
const loaderFile = 'packages/agent/src/kernel/library.ts';

/** Breaches that are known and being mended, by file or room. One that is gone must come off. */
const pending: readonly string[] = [
  'packages/server/src/agents/table.ts',
  'packages/server/src/detections/counts.ts',
  'packages/server/src/guard/guard.ts',
  'packages/server/src/overview/overview.ts',
  'packages/server/src/suspicious-objects/list.ts',
  'packages/server/src/tasks/totals.ts',
  'packages/server/src/database/tables.ts',
];

/** Circles that are known. They may shrink, and none may grow or join them. */
const knownCircles: readonly (readonly string[])[] = [
  ['address-blocking', 'names'].map((room) => `packages/agent/src/enforcer/${room}`),
  ['packages/cli/src/commands'],
  ['packages/console/src'],
];

/** Whether the sources keep to the plan; says what does not. */
export function holdFloorPlan(): boolean {
  const found = checkFloorPlan(readSources(['packages']).filter(({ path }) => isPackageSource(path)));
  const broken = found.filter(({ path }) => !pending.includes(path));
  const gone = pending.filter((path) => found.every((violation) => violation.path !== path));
  for (const { path, line, problem } of broken) process.stderr.write(`${path}:${line}: ${problem}\n`);
  for (const path of gone)
    process.stderr.write(`${path} keeps to the floor plan again: take it off the list in tools/floor-plan.ts\n`);
  return broken.length + gone.length === 0;
}

/** Every breach of the plan in `files`: sources of packages, without tests. */
export function checkFloorPlan(files: readonly SourceFile[]): Violation[] {
  return files
    .flatMap((file) => [
      ...file.imports.flatMap((one) =>
        problemsOf(file.path, one).map((problem) => ({ path: file.path, line: one.line, problem })),
      ),
      ...(inPackage(file.path, 'agent') ? namesOf(file) : []),
    ])
    .concat(checkPure(files), checkCycles(files), checkSizes(files));
}

function problemsOf(path: string, one: Import): string[] {
  if (one.specifier === '') return ['a computed import cannot be checked; name the file'];
  const target = resolve(path, one.specifier);
  const own = packageOf(path);
  const problems = [
    arrow(own, target, one.specifier),
    inServer(path, target, one.kind),
    inAgent(path, target, one),
    inBrowser(path, target),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** Between packages, and towards npm. */
function arrow(own: string, target: string, specifier: string): string | undefined {
  const other = /^@cordon\/([^/]+)/.exec(specifier)?.[1] ?? packageOf(target);
  if (other !== '' && other !== own && !(packages[own] ?? []).includes(other))
    return `${own} imports ${other}, which is against the arrows between packages`;
  const allowed = modules[own];
  const isModule = other === '' && !specifier.startsWith('.') && !isBuiltin(specifier);
  return isModule && allowed?.test(specifier) === false
    ? `${own} imports ${specifier}; it has no other dependencies than its manifest's`
    : undefined;
}

/** The console, and the SDK outside of its folder `node`, run in browsers. */
function inBrowser(path: string, target: string): string | undefined {
  const runsThere = inPackage(path, 'console') || (inPackage(path, 'sdk') && folderOf(path) !== 'node');
  return runsThere && isBuiltin(target) ? `${target} is Node's, and this file runs in browsers, too` : undefined;
}

function inAgent(path: string, target: string, one: Import): string | undefined {
  if (!inPackage(path, 'agent')) return undefined;
  const from = folderOf(path);
  const { specifier } = one;
  if (specifier === 'koffi' && path !== loaderFile) return `only ${loaderFile} loads koffi`;
  if (network.test(specifier) && from !== 'link') return `${specifier} is the network, which only link has`;
  if (sockets.test(specifier) && from !== 'link' && from !== 'ipc')
    return `${specifier} is for link, and for UNIX sockets in ipc`;
  if (!inPackage(target, 'agent')) return undefined;
  const to = folderOf(target);
  if (to === '' || to === from) return undefined;
  // The entry point loads each process by a dynamic import, so that a process has its own folders in memory only.
  if (path === 'packages/agent/src/main.ts')
    return one.kind === 'value' ? `main.ts imports ${to} statically; every process would load it` : undefined;
  if (from === '') return `${path} is used by every process, and imports ${to}`;
  const below = target.slice('packages/agent/src/'.length);
  const may = (agentFolders[from] ?? []).some((folder) => below === folder || below.startsWith(`${folder}/`));
  return may ? undefined : `${from} imports ${to}; see agentFolders in tools/floor-plan.ts`;
}

function namesOf(file: SourceFile): Violation[] {
  return file.texts
    .filter(({ kind }) => kind === 'name')
    .flatMap(({ text, line }) => {
      const problem =
        networkNames.test(text) && folderOf(file.path) !== 'link'
          ? `${text} is the network, which only link has`
          : loaders.test(text) && file.path !== loaderFile
            ? `${text} loads what no import shows; only ${loaderFile} does so, for koffi`
            : undefined;
      return problem === undefined ? [] : [{ path: file.path, line, problem }];
    });
}

/** Who hears of which event: wiring, like `app.ts`. An event itself names the types of what it carries. */
const subscribers = 'packages/server/src/events/subscribers.ts';

const isQueries = (path: string): boolean => /[/-]queries\.ts$/.test(path);
const isRoutes = (path: string): boolean => /[/-]routes\.ts$/.test(path);

/** `routes → use cases → queries`, by the ends of file names. */
function inServer(path: string, target: string, kind: Import['kind']): string | undefined {
  if (!inPackage(path, 'server') || (isFile(target) && !inPackage(target, 'server'))) return undefined;
  const [from, to] = [folderOf(path), folderOf(target)];
  const carries = path === subscribers || (from === 'events' && kind === 'type');
  if (serverGround.has(from) && to !== '' && !serverGround.has(to) && !carries)
    return `${from} imports the room ${to}; it stands below the rooms`;
  if (isRoutes(path) && isQueries(target)) return 'routes call use cases; use cases call queries';
  if (isQueries(path) && (isRoutes(target) || to === 'http')) return 'queries know nothing of HTTP';
  if (target === 'kysely' && !isQueries(path) && from !== 'database' && !path.endsWith('/scope.ts'))
    return 'SQL is written in queries and in database/ (and in scope.ts, the condition that queries share)';
  const isOwn = from === '' || from === to || (oneSubject.has(from) && oneSubject.has(to));
  return !isOwn && !serverGround.has(to) && isQueries(target)
    ? `${from} calls queries of ${to}; a room calls another room's use cases`
    : undefined;
}

function checkPure(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  const present = new Set(files.map(({ path }) => path));
  return pureFiles
    .filter((path) => present.has(path))
    .flatMap((path) =>
      [...closure(graph, [path])].flatMap((reached) =>
        (graph.get(reached)?.modules ?? [])
          .filter((name) => impure.test(name))
          .map((name) => ({ path, line: 1, problem: `a pure decider reaches ${name} by ${reached}` })),
      ),
    );
}

/** Circles between folders, of what loads what: a type alone loads nothing. Files in `src` itself are left out: the entry points and tables of a package are there. */
function checkCycles(files: readonly SourceFile[]): Violation[] {
  const edges = new Map<string, Map<string, { path: string; line: number }>>();
  for (const file of files)
    for (const one of file.imports.filter(({ kind }) => kind !== 'type')) {
      const target = resolve(file.path, one.specifier);
      const [from, to] = [posix.dirname(file.path), posix.dirname(target)];
      if (packageOf(target) !== packageOf(file.path) || from === to || from.endsWith('/src') || to.endsWith('/src'))
        continue;
      const of = edges.get(from) ?? new Map<string, { path: string; line: number }>();
      edges.set(from, of.has(to) ? of : of.set(to, { path: file.path, line: one.line }));
    }
  const circles = circlesIn(new Map([...edges].map(([from, to]) => [from, [...to.keys()]])));
  return circles.filter(isNew).map((circle) => {
    const steps = circle.flatMap((from) => circle.map((to) => edges.get(from)?.get(to)));
    const at = steps.find((step) => step !== undefined) ?? { path: circle.join(' '), line: 1 };
    return {
      path: at.path,
      line: at.line,
      problem: `these folders import each other in a circle: ${circle.join(', ')}`,
    };
  });
}

/** A folder and its own subfolders are one place. */
function isNew(circle: readonly string[]): boolean {
  const isWithin = (place: readonly string[]): boolean =>
    circle.every((folder) => place.some((one) => folder === one || folder.startsWith(`${one}/`)));
  return !isWithin(circle.slice(0, 1)) && !knownCircles.some(isWithin);
}

function packageOf(path: string): string {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function inPackage(path: string, name: string): boolean {
  return path.startsWith(`packages/${name}/src/`);
}

/** The first folder below `src`; empty for a file in `src` itself. */
function folderOf(path: string): string {
  return /^packages\/[^/]+\/src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

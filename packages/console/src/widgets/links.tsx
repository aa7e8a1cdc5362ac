/** Links to the pages of endpoints, objects and tasks. */
import type { JSX } from 'preact';
import { Link } from '../router/router.tsx';

export function endpointPath(agent: string): string {
  return `/endpoints/${encodeURIComponent(agent)}`;
}

export function taskPath(task: string): string {
  return `/tasks/${encodeURIComponent(task)}`;
}

export function objectPath(object: { readonly type: string; readonly content: string }): string {
  return `/objects/${object.type}/${encodeURIComponent(object.content)}`;
}

/** The host name, or the entity ID of an endpoint that has not given one. */
export function EndpointLink({ of: { agent, hostName } }: { of: { agent: string; hostName: string } }): JSX.Element {
  return <Link to={endpointPath(agent)}>{hostName === '' ? agent : hostName}</Link>;
}

export function ObjectLink({ of }: { of: { readonly type: string; readonly content: string } }): JSX.Element {
  return (
    <Link to={objectPath(of)}>
      <code class="text">{of.content}</code>
    </Link>
  );
}

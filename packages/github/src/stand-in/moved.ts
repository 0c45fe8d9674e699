import { fullName, sameText, type State } from './state.ts';

export type Moved = { path: string } | { redirectTo: string };

/**
 * Where a path leads: `/repositories/<id>/…` is the repository by its id; a name that a repository had before is
 * redirected there, as GitHub does it.
 */
export function whereTo(path: string, { repositories }: Pick<State, 'repositories'>, api: string): Moved {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
  const byId = repositories.find((repository) => String(repository.id) === id);
  if (byId !== undefined) return { path: `/repos/${fullName(byId)}${rest}` };
  const [, name = '', below = ''] = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  const renamed = repositories.find(({ formerly }) => formerly.some((former) => sameText(former, name)));
  return renamed === undefined ? { path } : { redirectTo: `${api}/repositories/${renamed.id}${below}` };
}

import type { StandInApp, StandInUser } from './settings.ts';

/** Who acts: an App by its own token, or by one of an installation, or a user. */
export type Principal =
  | { kind: 'app'; app: StandInApp }
  | { kind: 'installation'; app: StandInApp; installationId: number; token: string }
  | { kind: 'user'; user: StandInUser };

export interface Repository {
  id: number;
  owner: string;
  name: string;
  /** Names that it had before: requests for them are redirected. */
  formerly: string[];
}

export interface Comment {
  id: number;
  repository: Repository;
  issueNumber: number;
  body: string;
  author: Principal;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

export interface Issue {
  id: number;
  repository: Repository;
  number: number;
  author: Principal;
  title: string;
  body: string | null;
  state: string;
  /** Names. */
  labels: string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

export interface CheckRun {
  id: number;
  repository: Repository;
  app: StandInApp;
  headSha: string;
  name: string;
  externalId: string | null;
  status: string;
  conclusion: string | null;
  detailsUrl: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  startedAt: string;
  completedAt: string | null;
}

export interface InstallationToken {
  app: StandInApp;
  installationId: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** All that the stand-in knows: in memory, gone when it ends. */
export interface State {
  repositories: Repository[];
  /** By id, in the order they were made. */
  comments: Map<number, Comment>;
  checkRuns: Map<number, CheckRun>;
  /** By the id of the repository, `#` and number. */
  issues: Map<string, Issue>;
  /** By token. */
  tokens: Map<string, InstallationToken>;
  nextId(): number;
  /** Any repository exists as soon as it is asked for. */
  repository(owner: string, name: string): Repository;
}

export function createState(): State {
  let lastId = 1_000_000;
  const repositories: Repository[] = [];
  const nextId = () => (lastId += 1);
  return {
    repositories,
    comments: new Map(),
    checkRuns: new Map(),
    issues: new Map(),
    tokens: new Map(),
    nextId,
    repository(owner, name) {
      const known = repositories.find((repository) => sameText(fullName(repository), `${owner}/${name}`));
      if (known !== undefined) return known;
      const made = { id: nextId(), owner, name, formerly: [] };
      repositories.push(made);
      return made;
    },
  };
}

export function fullName({ owner, name }: Pick<Repository, 'owner' | 'name'>): string {
  return `${owner}/${name}`;
}

export function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@hookline/runtime';
import { createAnswer } from './answer.ts';
import { control, CONTROL_PATH } from './control.ts';
import { createConformity } from './description/conformity.ts';
import { createFaults } from './faults.ts';
import { type Act, doubled } from './ledger.ts';
import { type Received, receive } from './receive.ts';
import { notFound, type Reply } from './reply.ts';
import type { GithubStandIn, StandInSettings } from './stand-in.ts';
import { createState, type State } from './state.ts';

/** Starts a stand-in for GitHub; with {@link CONTROL_PATH} other processes can have faults and ask what was done. */
export async function startGithubStandIn(settings: StandInSettings = {}): Promise<GithubStandIn> {
  const { host = '127.0.0.1', port = 0, basePath = '', clock = systemClock, tokenLifeMs = 3_600_000 } = settings;
  const product = settings.product ?? (basePath === '' ? 'api.github.com' : 'ghes-3.19');
  const state = createState();
  const faults = createFaults();
  const acts: Act[] = [];
  const bugs: string[] = [];
  const conformity = createConformity(product);
  const answer = createAnswer({
    ...{ state, faults, conformity, acts, tokenLifeMs },
    accounts: { apps: settings.apps ?? [], users: settings.users ?? [] },
    now: clock.now,
  });
  const server = createServer((request, response) => {
    void receive(request)
      .then((received) => respond(received))
      .then(
        (reply) => send(response, reply),
        (error: unknown) => {
          // A client that has gone is none of it; a bug of the stand-in must not pass for a fault of GitHub's.
          if (request.complete) bugs.push(`${request.method} ${request.url}: ${String(error)}`);
          response.destroy();
        },
      );
  });
  server.listen(port, host);
  await once(server, 'listening');
  const html = `http://${host}:${(server.address() as AddressInfo).port}`;
  const addresses = { api: `${html}${basePath}`, html };

  async function respond(received: Received): Promise<Reply | null> {
    if (received.path.startsWith(CONTROL_PATH)) return control(received, standIn);
    if (!received.path.startsWith(`${basePath}/`)) return notFound();
    return answer(received, received.path.slice(basePath.length), addresses);
  }

  const standIn: GithubStandIn = {
    url: addresses.api,
    fault: (fault) => faults.add(fault),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    rename: (from, to) => rename(state, from, to),
    revokeTokens: () => state.tokens.clear(),
    acts: () => acts,
    doubled: () => doubled(acts),
    comments: () => [...state.comments.values()],
    checkRuns: () => [...state.checkRuns.values()],
    addComment({ owner, repo, ...comment }) {
      const times = { createdAt: clock.now(), updatedAt: clock.now() };
      const made = { id: state.nextId(), repository: state.repository(owner, repo), ...comment, ...times };
      state.comments.set(made.id, made);
      return made;
    },
    removeComment: (id) => void state.comments.delete(id),
    mismatches: () => conformity.mismatches,
    assertConforms() {
      const told = conformity.mismatches.map(
        ({ of, request, problems }) => `${of} ${request}: ${fewOf(problems, '; ')}`,
      );
      const problems = [...told, ...bugs.map((bug) => `the stand-in failed at ${bug}`)];
      if (problems.length > 0) throw new Error(`Not as GitHub describes it:\n${fewOf(problems, '\n')}`);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return standIn;
}

function fewOf(problems: string[], separator: string): string {
  const shown = problems.slice(0, 20);
  return [...shown, ...(problems.length > 20 ? [`and ${problems.length - 20} more`] : [])].join(separator);
}

function rename(state: State, from: string, to: string): void {
  const [owner = '', name = ''] = from.split('/');
  const repository = state.repository(owner, name);
  const [newOwner = '', newName = ''] = to.split('/');
  repository.formerly.push(from);
  Object.assign(repository, { owner: newOwner, name: newName });
}

function send(response: ServerResponse, reply: Reply | null): void {
  if (reply === null) {
    response.destroy();
    return;
  }
  const { status, headers = {}, body } = reply;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': Buffer.byteLength(text),
    'x-github-request-id': '0000:000000:0000000:0000000:00000000',
    ...headers,
  });
  response.end(text);
}

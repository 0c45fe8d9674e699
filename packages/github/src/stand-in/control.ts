import type { Fault } from './faults.ts';
import { jsonOf, type Received } from './receive.ts';
import { notFound, type Reply } from './reply.ts';
import { accountOf } from './represent/user.ts';
import type { GithubStandIn } from './stand-in.ts';

/** Below it are requests to the stand-in itself, for tests and the demo in other processes. */
export const CONTROL_PATH = '/_stand-in/';

type Controls = Record<string, (standIn: GithubStandIn, body: unknown) => unknown>;

const controls: Controls = {
  'POST faults': (standIn, body) => standIn.fault(body as Fault),
  'DELETE faults': (standIn) => standIn.clearFaults(),
  'GET faults': (standIn) => standIn.faults(),
  'POST rename': (standIn, body) => {
    const { from, to } = body as { from: string; to: string };
    standIn.rename(from, to);
  },
  'POST revoke-tokens': (standIn) => standIn.revokeTokens(),
  'GET comments': (standIn) =>
    standIn.comments().map(({ author, ...comment }) => ({ ...comment, by: accountOf(author).login })),
  'GET acts': (standIn) => standIn.acts(),
  'GET doubled': (standIn) => standIn.doubled(),
  'GET mismatches': (standIn) => standIn.mismatches(),
};

export function control({ method, path, text }: Received, standIn: GithubStandIn): Reply {
  const verb = controls[`${method} ${path.slice(CONTROL_PATH.length)}`];
  if (verb === undefined) return notFound();
  return { status: 200, body: verb(standIn, jsonOf(text)) ?? null };
}

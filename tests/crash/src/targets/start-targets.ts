import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStandInApp, startGithubStandIn, type GithubStandIn } from '@hookline/github/stand-in';
import { EFFECTS, KINDS, ROUTE, type EffectsWanted } from '../programs/wanted-effects.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** How long an attempt may take, and how long after its end it is taken to be under way. */
export const DEADLINE_MS = 2000;
const MARGIN_MS = 1000;
/** An answer that comes when nobody waits any more, and before anybody has looked what was done. */
export const TOO_SLOW_MS = DEADLINE_MS + 400;
/** An answer that comes in time, and leaves time for something to happen before. */
export const SLUGGISH_MS = 1400;

/** Whom relays send to, in this process: they are not to be harmed, they do harm. */
export interface Targets {
  github: GithubStandIn;
  /** Login of the App that relays act as. */
  login: string;
  /** Somebody else, who can comment too. */
  stranger: { login: string; id: number; token: string };
  receiver: Receiver;
  jobTopic: string;
  /** Settings of relays. */
  relay: Record<string, string>;
  /** Settings of processors whose handlers are to ask for effects. */
  processor: Record<string, string>;
  /** Ends what goes wrong with them. */
  repair(): void;
  close(): Promise<void>;
}

/** @param jobs the topic that jobs are appended to */
export async function startTargets(directory: string, jobs: { topic: string; partitions: number }): Promise<Targets> {
  const files = join(directory, 'relay');
  await mkdir(files, { recursive: true });
  const { app, privateKey } = createStandInApp();
  const stranger = { login: 'stranger', id: 77, token: 'a token of a stranger' };
  const github = await startGithubStandIn({ apps: [app], users: [stranger] });
  const receiver = await startReceiver({ slow: TOO_SLOW_MS, sluggish: SLUGGISH_MS });
  const [githubFile, privateKeyFile, routesFile] = ['github.json', 'app.pem', 'routes.json'].map((name) =>
    join(files, name),
  ) as [string, string, string];
  const credentials = [{ namespace: 'github.com', baseUrl: github.url, appId: app.id, privateKeyFile }];
  const routes = [{ name: ROUTE, on: ['*'], forward: `${receiver.url}/forward` }];
  await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
  await writeFile(githubFile, JSON.stringify(credentials));
  await writeFile(routesFile, JSON.stringify(routes));
  const wanted: EffectsWanted = { receiver: receiver.url, kinds: KINDS };
  const asking = { [EFFECTS]: JSON.stringify(wanted) };
  return {
    github,
    login: `${app.slug}[bot]`,
    stranger,
    receiver,
    jobTopic: jobs.topic,
    relay: {
      ...asking,
      HOOKLINE_GITHUB_FILE: githubFile,
      HOOKLINE_ROUTES_FILE: routesFile,
      HOOKLINE_JOB_TOPIC: jobs.topic,
      HOOKLINE_JOB_TOPIC_PARTITIONS: String(jobs.partitions),
      HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
      HOOKLINE_EFFECT_DEADLINE_MS: String(DEADLINE_MS),
      HOOKLINE_LEASE_MARGIN_MS: String(MARGIN_MS),
      HOOKLINE_LEASE_MS: '4500',
      HOOKLINE_EFFECT_RETRY_MIN_MS: '100',
      HOOKLINE_EFFECT_RETRY_MAX_MS: '1000',
      // What is away for as long as a round lasts must not have effects die.
      HOOKLINE_EFFECT_MAX_ATTEMPTS: '200',
      HOOKLINE_OUTBOX_POLL_MS: '300',
    },
    processor: asking,
    repair() {
      github.clearFaults();
      receiver.repair();
    },
    async close() {
      await Promise.all([github.stop(), receiver.close()]);
    },
  };
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStandInApp, startGithubStandIn, type GithubStandIn } from '@hookline/github/stand-in';
import { SOURCE } from '../supervisor/environment.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** Where effects go to: a server that stands in for GitHub, and one of somebody who has handlers of their own. */
export interface Targets {
  github: GithubStandIn;
  receiver: Receiver;
  /** What the relay reads: who it is at GitHub, and where routes lead. */
  githubFile: string;
  routesFile: string;
}

/** Name of the one route of the demo. */
const ROUTE = 'demo-ci';

/** Starts both in this process, and writes the files by which services know of them. `resources` stops them. */
export async function startTargets(resources: AsyncDisposableStack): Promise<Targets> {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-demo-'));
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  const { app, privateKey } = createStandInApp({ slug: 'hookline-demo' });
  const github = await startGithubStandIn({ apps: [app] });
  resources.defer(() => github.stop());
  const receiver = await startReceiver();
  resources.defer(() => receiver.stop());

  const privateKeyFile = join(directory, 'github-app.pem');
  await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
  const githubFile = join(directory, 'github.json');
  const credential = { namespace: SOURCE.namespace, baseUrl: github.url, appId: app.id, privateKeyFile };
  await writeFile(githubFile, JSON.stringify([credential]));
  const routesFile = join(directory, 'routes.json');
  await writeFile(routesFile, JSON.stringify([{ name: ROUTE, on: ['push'], forward: receiver.url }]));
  return { github, receiver, githubFile, routesFile };
}

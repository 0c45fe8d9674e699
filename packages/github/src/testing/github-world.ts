import { randomUUID } from 'node:crypto';
import { createOutbound, type Outbound } from '@hookline/outbound';
import type { Attempt, EffectKind, SendableEffect, SendResult } from '@hookline/runtime';
import type { Credential } from '../effects/credentials/credential.ts';
import { githubKinds, type GithubKindsSettings } from '../effects/github-kinds.ts';
import { type GithubStandIn, startGithubStandIn, type StandInSettings } from '../stand-in/index.ts';
import { app, privateKey, user } from './stand-in-client.ts';

/** GitHub's kinds as a relay has them, over real connections to a stand-in. */
export interface GithubWorld {
  standIn: GithubStandIn;
  send(effect: SendableEffect, attempt?: Partial<Attempt>): Promise<SendResult>;
  kind(name: string): EffectKind;
  /** Kinds of a relay that knows nothing of what others have done. */
  another(): (name: string) => EffectKind;
  close(): Promise<void>;
}

export type WorldSettings = StandInSettings & {
  credentials?: (standIn: GithubStandIn) => Credential[];
  outbound?: (outbound: Outbound) => Pick<Outbound, 'send'>;
  relayClock?: GithubKindsSettings['clock'];
};

/** A host that the test says is GitHub, with the App of {@link app}. */
export async function startGithubWorld(settings: WorldSettings = {}): Promise<GithubWorld> {
  const standIn = await startGithubStandIn({ apps: [app], users: [user], ...settings });
  const outbound = createOutbound({
    ...{
      outboundAllow: ['127.0.0.1'],
      caFile: undefined,
      httpProxy: undefined,
      httpsProxy: undefined,
      noProxy: undefined,
    },
  });
  const credentials = settings.credentials?.(standIn) ?? [appCredential(standIn)];
  const another = () => {
    const kinds = githubKinds({
      credentials,
      outbound: settings.outbound?.(outbound) ?? outbound,
      ...(settings.relayClock === undefined ? {} : { clock: settings.relayClock }),
    });
    return (name: string) => kinds.find((kind) => kind.name === name) as EffectKind;
  };
  const kind = another();
  return {
    standIn,
    kind,
    another,
    send: (effect, attempt) => kind(effect.kind).send(effect, anAttempt(effect, attempt)),
    async close() {
      await outbound.close();
      await standIn.stop();
    },
  };
}

export function appCredential({ url }: GithubStandIn): Credential {
  return { type: 'app', namespace: 'github.com', baseUrl: url, sources: null, appId: app.id, privateKey };
}

export function tokenCredential({ url }: GithubStandIn): Credential {
  const { token } = user;
  return { type: 'token', namespace: 'github.com', baseUrl: url, sources: null, token, reread: () => token };
}

const TARGET = {
  namespace: 'github.com',
  source: 'main',
  installationId: '7',
  owner: 'octo-org',
  repo: 'hello',
};

export function anEffect(kind: string, request: Record<string, unknown>): SendableEffect {
  return {
    ...{ effectId: randomUUID(), kind, orderingKey: 'github.com/repository/1', queue: '', handler: 'test' },
    ...{ guid: randomUUID(), digest: Buffer.alloc(32), event: 'issues', action: 'opened', source: 'main' },
    ...{ repositoryId: '1', headers: null, body: null, traceparent: null, attempts: 1, createdAt: new Date() },
    request: { ...TARGET, ...request },
  };
}

export function aComment(body = 'Hello', request: Record<string, unknown> = {}): SendableEffect {
  return anEffect('github.comment', { issueNumber: 7, body, ...request });
}

/** An attempt; `begun` counts how often it has begun. */
export function anAttempt({ effectId }: SendableEffect, attempt: Partial<Attempt> = {}): Attempt {
  return { effectId, number: 1, signal: new AbortController().signal, deadlineMs: 10_000, begin() {}, ...attempt };
}

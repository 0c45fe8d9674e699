import { randomUUID } from 'node:crypto';
import { sign } from '@hookline/github';
import { SECRET } from '../system/start-system.ts';

/** A delivery as GitHub would send it. Sent again as it is, it is a redelivery. */
export interface GithubDelivery {
  guid: string;
  repository: number;
  /** Under which it is ordered. */
  key: string;
  body: Buffer;
  headers: Record<string, string>;
}

/** A signed delivery of a repository. Two are never alike, their payloads included. */
export function githubDelivery(repository: number, payload: object = {}): GithubDelivery {
  const guid = randomUUID();
  const body = Buffer.from(
    JSON.stringify({
      action: 'opened',
      repository: { id: repository, full_name: `octo-org/repository-${repository}` },
      sender: { id: 1 },
      issue: { node_id: randomUUID() },
      ...payload,
    }),
  );
  return {
    guid,
    repository,
    key: `github.com/repository/${repository}`,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/e2e',
      'x-github-delivery': guid,
      'x-github-event': 'issues',
      'x-github-hook-id': '1',
      'x-hub-signature-256': sign(body, SECRET),
    },
  };
}

/** The same body and signature under another GUID, which is not signed. */
export function underGuid(delivery: GithubDelivery, guid: string = randomUUID()): GithubDelivery {
  return { ...delivery, guid, headers: { ...delivery.headers, 'x-github-delivery': guid } };
}

/** One delivery after another, over that many repositories in turn. */
export function githubDeliveries(count: number, repositories: number): GithubDelivery[] {
  return Array.from({ length: count }, (_, i) => githubDelivery(1000 + (i % repositories)));
}

/** A repository for each partition, in their order, whose key lies in it. */
export function repositoriesByPartition(
  partitions: number,
  partitionOf: (key: string, count: number) => number,
): number[] {
  const found = new Map<number, number>();
  for (let repository = 1; found.size < partitions; repository++) {
    const partition = partitionOf(`github.com/repository/${repository}`, partitions);
    if (!found.has(partition)) found.set(partition, repository);
  }
  return Array.from({ length: partitions }, (_, partition) => found.get(partition) as number);
}

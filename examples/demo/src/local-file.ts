import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ProviderName } from '@hookline/local-stack';

/** What `local.json` tells about the running system, for tools that want to find it. */
export interface LocalFile {
  /** Process of the demo. */
  pid: number;
  provider: ProviderName;
  /** Where webhooks of the source `demo` are taken: the URL to give to GitHub. */
  ingestUrl: string;
  /** Bases of `/livez`, `/readyz` and `/metrics`. */
  ingestHealthUrl: string;
  processorHealthUrl: string;
  relayHealthUrl: string;
  /** Of what stands in for GitHub's API. */
  githubUrl: string;
  brokers: string[];
  registryUrl: string;
  databaseUrl: string;
  topic: string;
  partitions: number;
  webhookSecret: string;
}

/** Appears whole or not at all, and only its owner may read it: it holds a secret. */
export async function writeLocalFile(path: string, content: LocalFile): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** Removes the file if it is still this process's. */
export async function removeLocalFile(path: string): Promise<void> {
  if ((await readLocalFile(path))?.pid === process.pid) await rm(path, { force: true });
}

/** The file's content; undefined where there is none, or something else. */
export async function readLocalFile(path: string): Promise<LocalFile | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    const isObject = typeof content === 'object' && content !== null;
    return isObject && Number.isInteger((content as LocalFile).pid) ? (content as LocalFile) : undefined;
  } catch {
    return undefined;
  }
}

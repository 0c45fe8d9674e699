/** An image that this repository makes: a target of infra/docker/Dockerfile. */
export interface Target {
  name: string;
  /** The package whose `dist/main.js` it runs. */
  folder: string;
}

export const TARGETS: readonly Target[] = [
  { name: 'ingest', folder: 'services/ingest' },
  { name: 'processor', folder: 'services/processor' },
  { name: 'relay', folder: 'services/relay' },
  { name: 'cli', folder: 'packages/cli' },
];

import type { Logger } from '@hookline/runtime';
import type { PartitionMetadata } from 'kafkajs';
import { nextTopology, type Topology } from './leaders.ts';

/** Keeps what is known of the topic up to date, in the background. */
export interface TopologyWatch {
  readonly topology: Topology;
  start(): void;
  /** Something failed: look now rather than when it is due. Any number of calls lead to one look at a time. */
  refreshSoon(): void;
  stop(): void;
}

export interface TopologyWatchSettings {
  topic: string;
  partitions: number;
  refreshMs: number;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;

/**
 * @param reader.read the topic's partitions, null where it does not exist; rejects in bounded time
 * @param onChange called after each look, also where nothing changed
 */
export function createTopologyWatch(
  settings: TopologyWatchSettings,
  reader: { read(): Promise<PartitionMetadata[] | null>; close(): void },
  logger: Logger,
  onChange: (topology: Topology) => void,
): TopologyWatch {
  let topology: Topology = { state: 'unknown', reason: 'Kafka has not been reached yet.' };
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let lookAgain = false;
  let failures = 0;
  let stopped = false;

  async function look(): Promise<void> {
    clearTimeout(timer);
    looking = true;
    lookAgain = false;
    const answer = await reader.read().then(
      (found) => ({ found }),
      (error: unknown) => ({ error: (error as Error).message }),
    );
    looking = false;
    if (stopped) return;
    failures = 'error' in answer ? failures + 1 : 0;
    topology = nextTopology(topology, settings, answer);
    if (topology.state !== 'known' || topology.doubt !== null) logger.debug({ topology }, 'topic not as needed');
    onChange(topology);
    schedule(delay());
  }

  function delay(): number {
    if (failures > 0 || topology.state === 'unknown') {
      return Math.min(FIRST_BACKOFF_MS * 2 ** Math.max(failures - 1, 0), LONGEST_BACKOFF_MS);
    }
    return lookAgain ? FIRST_BACKOFF_MS : settings.refreshMs;
  }

  function schedule(milliseconds: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), milliseconds);
  }

  return {
    get topology() {
      return topology;
    },
    start: () => void look(),
    refreshSoon() {
      if (stopped || lookAgain) return;
      lookAgain = true;
      if (!looking && failures === 0) schedule(0);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      reader.close();
    },
  };
}

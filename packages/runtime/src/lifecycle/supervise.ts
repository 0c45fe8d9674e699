import { constants } from 'node:os';
import { HooklineError } from '../errors.ts';
import type { Health } from '../health.ts';
import type { Logger } from '../logging/logger.ts';
import type { OperationsServer } from '../operations-server.ts';
import { EXIT } from './exit-codes.ts';
import type { Service } from './service.ts';

export interface SuperviseSettings {
  create: () => Service;
  operations: OperationsServer;
  health: Health;
  logger: Logger;
  stopGraceMs: number;
}

/**
 * Starts a service, stops it on SIGTERM or SIGINT, and ends the process with a code of {@link EXIT}.
 *
 * The signal handlers come first: a start can wait for a broker for ever, and a SIGTERM without a handler would end
 * the process at once, in the middle of what it does. The operations server comes next, so that `/livez` answers
 * during a long start and `/readyz` says what it waits for.
 */
export async function supervise({ create, operations, health, logger, stopGraceMs }: SuperviseSettings): Promise<void> {
  let phase: 'starting' | 'started' | 'stopping' = 'starting';

  const die = (message: string, error: unknown): never => {
    logger.fatal({ err: error, exitCode: EXIT.crashed }, `${message}: ${advice(error)}`);
    process.exit(EXIT.crashed);
  };

  const service = createOr(create, (error) => die('start failed', error));

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (phase === 'stopping') {
      logger.warn({ signal }, 'second signal: exiting at once, work in flight is given up');
      process.exit(128 + constants.signals[signal]);
    }
    phase = 'stopping';
    logger.info({ signal, graceMs: stopGraceMs }, 'stopping');
    setTimeout(() => {
      logger.fatal(
        { exitCode: EXIT.drainTimedOut, graceMs: stopGraceMs },
        'gave up draining: not everything that was begun has finished. If this repeats, raise HOOKLINE_STOP_GRACE_MS ' +
          "(and the platform's own grace period above it)",
      );
      process.exit(EXIT.drainTimedOut);
    }, stopGraceMs);
    try {
      await service.stop();
      await operations.stop();
    } catch (error) {
      die('stop failed', error);
    }
    logger.info({ exitCode: EXIT.ok }, 'stopped');
    process.exit(EXIT.ok);
  };

  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
  process.on('uncaughtException', (error) => die('uncaught exception', error));
  process.on('unhandledRejection', (error) => die('unhandled rejection', error));
  health.readiness('lifecycle', () => phase === 'started' || phase);

  try {
    const { port } = await operations.start();
    logger.info({ port }, 'operations server listens');
    // A service that was told to stop must not be started after it.
    if (isStopping()) return;
    await service.start();
  } catch (error) {
    // What a start says that was interrupted by a stop is no news: the stop decides how the process ends.
    if (isStopping()) logger.info({ err: error }, 'start was given up');
    else die('start failed', error);
    return;
  }
  if (isStopping()) return;
  phase = 'started';
  logger.info('started');

  // Read through a function: the compiler cannot see that a signal changes the phase while we wait.
  function isStopping(): boolean {
    return phase === 'stopping';
  }
}

function createOr(create: () => Service, fail: (error: unknown) => never): Service {
  try {
    return create();
  } catch (error) {
    return fail(error);
  }
}

/** Our own errors say what to do. Others do not, but the stack and the causes are in the same log line. */
function advice(error: unknown): string {
  if (error instanceof HooklineError) return `${error.message} (${error.code})`;
  const text = error instanceof Error ? error.message : String(error);
  return `${text}. This was not foreseen; the stack and the causes are in "err", please report them`;
}

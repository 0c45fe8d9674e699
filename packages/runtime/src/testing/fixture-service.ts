// A service that starts and stops as its environment tells, for run-service.test.ts, which runs it as a process.
import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { commonOptions, databaseOptions, HooklineError, option, runService } from '../index.ts';
import type { Service } from '../index.ts';

const options = {
  ...commonOptions,
  ...databaseOptions,
  create: option.choice({
    env: 'HOOKLINE_FIXTURE_CREATE',
    help: 'What making the service does.',
    choices: ['ok', 'throws', 'signals'],
    default: 'ok',
  }),
  start: option.choice({
    env: 'HOOKLINE_FIXTURE_START',
    help: 'What start does.',
    choices: ['ok', 'hangs', 'rejects', 'rejects-unforeseen', 'rejects-text', 'ends-on-stop', 'fails-on-stop'],
    default: 'ok',
  }),
  stop: option.choice({
    env: 'HOOKLINE_FIXTURE_STOP',
    help: 'What stop does.',
    choices: ['ok', 'hangs', 'rejects'],
    default: 'ok',
  }),
  later: option.choice({
    env: 'HOOKLINE_FIXTURE_LATER',
    help: 'What happens once it works.',
    choices: ['nothing', 'throws', 'rejects', 'loops', 'loops-as-pid-1', 'loops-on-stop', 'waits', 'works-hard'],
    default: 'nothing',
  }),
  watchdogMs: option.duration({
    env: 'HOOKLINE_FIXTURE_WATCHDOG_MS',
    help: 'How long its event loop may be blocked.',
    default: 0,
  }),
};

await runService({
  name: 'fixture',
  description: 'A service for tests.',
  // Without it, what is said of an unknown version can be tested.
  ...(process.env.FIXTURE_VERSION && { version: process.env.FIXTURE_VERSION }),
  options,
  validate: ({ start, later }) =>
    start === 'hangs' && later !== 'nothing'
      ? ['HOOKLINE_FIXTURE_LATER needs a start that ends; HOOKLINE_FIXTURE_START says hangs.']
      : [],
  watchdogMs: (config) => config.watchdogMs,
  create: ({ config, logger }): Service => {
    const started = Promise.withResolvers<void>();
    if (config.create === 'throws') throw new Error('no wiring today');
    // Before the operations server listens: its event comes in a later turn of the loop than this.
    if (config.create === 'signals') queueMicrotask(() => process.emit('SIGTERM', 'SIGTERM'));
    if (config.start === 'ok') started.resolve();
    if (config.start === 'rejects') {
      started.reject(new HooklineError('TOPIC_MISSING', 'Create the topic.', { cause: new Error('broker said no') }));
    }
    if (config.start === 'rejects-unforeseen') started.reject(new TypeError('x is not a function'));
    // Libraries do reject with what is no error, and it must not hide the reason.
    if (config.start === 'rejects-text') started.reject('just a text');
    return {
      async start() {
        logger.info('start was called');
        await started.promise;
        if (config.later === 'throws') setTimeout(() => fail());
        // As the kernel does it for PID 1: the signal ends nothing.
        if (config.later === 'loops-as-pid-1') process.on('SIGALRM', () => {});
        if (config.later.startsWith('loops') && config.later !== 'loops-on-stop') setTimeout(computeForEver);
        if (config.later === 'works-hard') setInterval(computeForAWhile);
        if (config.later === 'waits') setTimeout(waitForEver);
        if (config.later === 'rejects') void Promise.reject(new Error('nobody waits'));
      },
      async stop() {
        logger.info('stop was called');
        if (config.later === 'loops-on-stop') computeForEver();
        if (config.start === 'ends-on-stop') started.resolve();
        if (config.start === 'fails-on-stop') started.reject(new Error('interrupted'));
        // A turn of the loop, in which a start that a stop has ended goes on.
        await setImmediate();
        if (config.stop === 'rejects') throw new Error('could not flush');
        if (config.stop === 'hangs') await new Promise(() => {});
        logger.info('drained');
      },
    };
  },
});

function fail(): never {
  throw new Error('out of the blue');
}

function computeForEver(): void {
  for (let x = 0; ;) x = (x + Math.sqrt(x)) % 7;
}

/** 20 ms of the processor's time, not of the clock's. */
function computeForAWhile(): void {
  const begun = process.cpuUsage();
  while (process.cpuUsage(begun).user < 20_000);
}

/** In a call of the system, where no JavaScript can be interrupted; what it waits for ends with this process. */
function waitForEver(): void {
  spawnSync('sh', ['-c', `while kill -0 ${process.pid} 2>&-; do sleep 0.1; done`]);
}

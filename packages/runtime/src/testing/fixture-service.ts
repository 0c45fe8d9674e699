// A service that starts and stops as its environment tells, for run-service.test.ts, which runs it as a process.
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
    choices: ['nothing', 'throws', 'rejects'],
    default: 'nothing',
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
        if (config.later === 'rejects') void Promise.reject(new Error('nobody waits'));
      },
      async stop() {
        logger.info('stop was called');
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

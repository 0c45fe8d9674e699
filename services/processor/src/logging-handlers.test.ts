import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { handlers, type HandledDelivery, type HandlerContext } from '@hookline/handlers';
import { createLogger } from '@hookline/runtime';
import { loggingHandlers } from './logging-handlers.ts';

const delivery = { guid: 'g', orderingKey: 'k', partition: 3, offset: 5n, payload: {} } as HandledDelivery;

describe('the log of a handler', () => {
  it('names handler and delivery in each line, and keeps to the level of the processor', async () => {
    const lines: unknown[] = [];
    const destination = new Writable({
      write(line: Buffer, _, done) {
        lines.push(JSON.parse(line.toString()));
        done();
      },
    });
    const logger = createLogger({ service: 'test', level: 'info', destination });
    const [handler] = loggingHandlers(
      handlers(({ on }) =>
        on('push', ({ log }) => {
          log.info({ commits: 2 }, 'pushed');
          log.warn('odd');
          log.debug('unseen');
        }),
      ),
      logger,
    );
    if (handler?.kind === 'delivery') await handler.run(delivery, {} as HandlerContext);
    const facts = { service: 'test', handler: 'push', guid: 'g', orderingKey: 'k', partition: 3, offset: '5' };
    expect(lines).toEqual([
      expect.objectContaining({ ...facts, level: 'info', msg: 'pushed', commits: 2 }),
      expect.objectContaining({ ...facts, level: 'warn', msg: 'odd' }),
    ]);
  });
});

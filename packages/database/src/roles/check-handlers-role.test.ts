import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { checkHandlersRole } from './check-handlers-role.ts';

let own: TestDatabase;
let processor: Database;
let ingest: Database;

beforeAll(async () => {
  own = await testDatabase();
  processor = connectTo(own.services.processor);
  ingest = connectTo(own.services.ingest);
});
afterAll(async () => {
  await Promise.all([processor.close(), ingest.close()]);
  await own.drop();
});

it('lets a login through that may take the role on', async () => {
  await expect(checkHandlersRole(processor, 'hookline_handlers')).resolves.toBeUndefined();
});

it('names the grant that is missing, to whom it is, and the setting', async () => {
  await expect(checkHandlersRole(ingest, 'hookline_handlers')).rejects.toMatchObject({
    code: 'DATABASE_MISMATCH',
    message:
      'Handlers run under the database role hookline_handlers, which the processor may not take on. Run as an ' +
      'administrator: grant hookline_handlers to local_ingest; HOOKLINE_HANDLERS_ROLE names another one.',
  });
});

it('takes a role that is not there for one that may not be taken on', async () => {
  await expect(checkHandlersRole(processor, 'nobody_has_made_it')).rejects.toThrow(
    'grant nobody_has_made_it to local_processor;',
  );
});

it('is not content with a membership that does not let the role be taken on', async () => {
  const admin = connectTo(own.url);
  await admin.query('grant hookline_handlers to local_operator with set false');
  const operator = connectTo(own.services.operator);
  await expect(checkHandlersRole(operator, 'hookline_handlers')).rejects.toMatchObject({ code: 'DATABASE_MISMATCH' });
  await admin.query('revoke hookline_handlers from local_operator');
  await Promise.all([admin.close(), operator.close()]);
});

import { runService } from '@hookline/runtime';
import { createRelay } from './create-relay.ts';
import { createUsersKinds } from './kinds/users-kinds.ts';
import { relaySettings } from './relay-settings.ts';

const kinds = createUsersKinds();
await runService({
  name: 'hookline-relay',
  description: 'Sends the effects of handlers, each once and in order per repository.',
  ...relaySettings,
  validate: async (config) => [...relaySettings.validate(config), ...(await kinds.load(config))],
  create: (context) => createRelay(context, { kinds: kinds.all() }),
});

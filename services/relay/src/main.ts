import { runService } from '@hookline/runtime';
import { createRelay } from './create-relay.ts';
import { relaySettings } from './relay-settings.ts';

await runService({
  name: 'hookline-relay',
  description: 'Sends the effects of handlers, each once and in order per repository.',
  ...relaySettings,
  create: (context) => createRelay(context),
});

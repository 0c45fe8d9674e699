import { settingProblems } from './check-settings.ts';
import { relayOptions } from './config.ts';

/** How `runService` reads and checks the settings of a relay, whichever kinds it has. */
export const relaySettings = { options: relayOptions, validate: settingProblems };

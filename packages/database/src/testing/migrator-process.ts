// A migrator that can be killed: `node migrator-process.ts up|down <database URL> <directory of migrations>`.
import { migrateDown, migrateUp } from '../migrate.ts';

const [way, url, directory] = process.argv.slice(2) as [string, string, string];
await (way === 'up' ? migrateUp(url, { directory }) : migrateDown(url, { directory }));

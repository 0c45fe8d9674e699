import { countCosts } from '../count-costs.ts';

const MIB = 2 ** 20;

// What was there before is not counted.
const before = Buffer.alloc(500 * MIB);
const costs = countCosts();
// Kept: what buffers hold is freed beside the program, whenever, and may be missing then.
const kept = Array.from({ length: 100 }, (_, n) => Buffer.alloc(MIB, n));
let thrownAway = 0;
while (thrownAway < 100 * MIB) thrownAway += 8 * Array.from({ length: 1024 }, () => 0.5).length;
const { allocatedBytes } = costs.read();
process.stdout.write(JSON.stringify({ allocatedBytes, stillHeld: before.length + kept.length * MIB }));

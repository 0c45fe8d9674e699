import type { Halts } from '../halts/halt.ts';
import type { Turn } from '../partition/turn.ts';
import type { Liveness } from './create-liveness.ts';

/** A human takes as long as a human takes. */
export function excusingHalts(halts: Halts, { excuse }: Liveness): Halts {
  return { ...halts, wait: (place, halt, signal) => excuse(place.partition, halts.wait(place, halt, signal)) };
}

/** For the turn of all partitions: whoever has it gives signs of life, those behind it cannot. */
export function excusingTurn(turn: Turn, { excuse }: Liveness): Turn {
  return { ...turn, take: (signal) => excuse(signal, turn.take(signal)) };
}
